use crate::sqlite::{Token, TokenKind, is_keyword, meaningful};

/// Whether an SQL text mentions a column by its name. A text that cannot be read mentions nothing: whoever uses the
/// answer drops what does.
pub(super) fn mentions(sql: &str, column: &str) -> bool {
    meaningful(sql).is_ok_and(|tokens| any(&tokens, column))
}

/// Whether an index is sorted by a column or has a condition on it.
pub(super) fn index_mentions(sql: &str, column: &str) -> bool {
    let Ok(tokens) = meaningful(sql) else { return false };
    // Behind `ON "table"`: the names of the index and of the table are not columns.
    let on = tokens.iter().position(|token| token.is_word("ON"));
    on.is_some_and(|on| any(tokens.get(on + 2..).unwrap_or_default(), column))
}

fn any(tokens: &[Token<'_>], column: &str) -> bool {
    tokens.iter().enumerate().any(|(index, token)| {
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        let next = tokens.get(index + 1);
        let is_call = next.is_some_and(|next| next.is_mark("("));
        let is_table = next.is_some_and(|next| next.is_mark("."));
        let is_other = before.is_some_and(|before| before.is_word("COLLATE") || before.is_word("AS"));
        let is_operator = token.kind == TokenKind::Word && is_keyword(token.text);
        let is_function = is_call && token.kind == TokenKind::Word;
        token.names(column) && !(is_table || is_other || is_operator || is_function)
    })
}
