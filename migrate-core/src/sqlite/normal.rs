use super::keyword::is_keyword;
use super::name::{is_plain, quote, unquote};
use super::token::{Token, TokenError, TokenKind, meaningful};

/// A text in the form in which two that mean the same to SQLite's parser are equal.
///
/// Comments go, one space stands between tokens where they would otherwise run together, keywords are capitals,
/// names are lower case and quoted with `""` only where they must be. Strings, numbers and blobs stay as they
/// are. SQLite itself writes names anew, with quotes, when it renames a table or a column: that is no difference.
///
/// A name in double quotes that no column has is a string to SQLite; here it is a name still, and its case does
/// not count.
pub fn normal(sql: &str) -> Result<String, TokenError> {
    Ok(join(&meaningful(sql)?))
}

/// An expression over one table without that table's name before its columns.
///
/// In a check there is no other table that they could be of.
pub fn unqualified(sql: &str, table: &str) -> Result<String, TokenError> {
    let mut text = sql.to_owned();
    let tokens = meaningful(sql)?;
    for pair in tokens.windows(2).rev().filter(|pair| pair[0].names(table) && pair[1].is_mark(".")) {
        text.replace_range(pair[0].start..pair[1].end(), "");
    }
    Ok(text)
}

fn join(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut last: Option<&Token<'_>> = None;
    for token in tokens {
        if last.is_some_and(|last| needs_space(last, token)) {
            text.push(' ');
        }
        text.push_str(&normal_token(token));
        last = Some(token);
    }
    text
}

fn normal_token(token: &Token<'_>) -> String {
    match token.kind {
        TokenKind::Word if is_keyword(token.text) => token.text.to_ascii_uppercase(),
        TokenKind::Word | TokenKind::Blob => token.text.to_ascii_lowercase(),
        TokenKind::QuotedName => {
            let name = unquote(token.text).to_ascii_lowercase();
            if is_plain(&name) { name } else { quote(&name) }
        }
        _ => token.text.to_owned(),
    }
}

/// Whether a space stands between two tokens: everywhere but around what a reader expects to be tight.
fn needs_space(left: &Token<'_>, right: &Token<'_>) -> bool {
    let tight = left.is_mark("(") || left.is_mark(".") || right.is_mark(")") || right.is_mark(".");
    let named =
        left.kind == TokenKind::QuotedName || (left.kind == TokenKind::Word && !is_keyword(left.text));
    let call = named && right.is_mark("(");
    !(tight || call || right.is_mark(",") || right.is_mark(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_does_not_count_and_meaning_does() {
        let same = [
            ("a>0 and B like 'X%'", "\"A\" /* big */ > 0\nAND [b] LIKE 'X%'"),
            ("lower (name) <> x'AB'", "LOWER(`name`)<>X'ab'"),
            ("main . t", "MAIN.\"T\""),
        ];
        for (a, b) in same {
            assert_eq!(normal(a).unwrap(), normal(b).unwrap());
        }
        for (a, b) in [("a > 'x'", "a > 'X'"), ("\"select\"", "select"), ("a b", "\"a b\""), ("- -a", "--a")]
        {
            assert_ne!(normal(a).unwrap(), normal(b).unwrap());
        }
        assert_eq!(normal("CHECK(length( a )>=(0))").unwrap(), "CHECK (length(a) >= (0))");
    }

    #[test]
    fn a_tables_own_name_before_its_columns_goes() {
        assert_eq!(unqualified("\"T\" . a > t.b AND u.t > 't.'", "t").unwrap(), " a > b AND u.t > 't.'");
    }

    #[test]
    fn the_normal_form_is_its_own_normal_form() {
        for sql in ["a->>'$.b' IS NOT NULL", "- -1", "CASE \"when\" WHEN 1 THEN 2 END", "1 .5"] {
            let once = normal(sql).unwrap();
            assert_eq!(normal(&once).unwrap(), once);
        }
    }
}
