//! SQL text looked at from afar: which words its statements begin with.

/// The statements of a script, each as its words in capitals.
///
/// Comments, literals, bodies between dollars and punctuation are left out. That tells what kind of statement it
/// is, and no more: a rule that needs to know more does not look at text.
pub(super) fn statements(sql: &str) -> Vec<Vec<String>> {
    let mut statements = vec![Vec::new()];
    let mut rest = sql;
    while let Some(character) = rest.chars().next() {
        if let Some(length) = ignored(rest) {
            rest = &rest[length..];
            continue;
        }
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        if length == 1 && rest[1..].starts_with('\'') && character.eq_ignore_ascii_case(&'e') {
            rest = &rest[1 + escaped(&rest[1..])..];
            continue;
        }
        if length > 0 {
            if let Some(statement) = statements.last_mut() {
                statement.push(rest[..length].to_uppercase());
            }
            rest = &rest[length..];
            continue;
        }
        if character == ';' {
            statements.push(Vec::new());
        }
        rest = &rest[character.len_utf8()..];
    }
    statements.retain(|statement| !statement.is_empty());
    statements
}

/// How long a literal is in which a backslash takes the meaning of what follows: PostgreSQL's `E'…'`.
fn escaped(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.char_indices().skip(1).find(|(_, character)| {
        let is_end = *character == '\'' && !is_escaped;
        is_escaped = *character == '\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// How long a comment is in which there may be others.
fn nested(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// How long the comment, the literal or the quoted name is that a text begins with.
fn ignored(text: &str) -> Option<usize> {
    let until = |start: usize, end: &str| {
        let rest = text.get(start..).unwrap_or_default();
        rest.find(end).map_or(text.len(), |at| start + at + end.len())
    };
    match text.as_bytes() {
        [b'-', b'-', ..] => Some(until(2, "\n")),
        [b'/', b'*', ..] => Some(nested(text)),
        [b'\'', ..] => Some(until(1, "'")),
        [b'"', ..] => Some(until(1, "\"")),
        [b'`', ..] => Some(until(1, "`")),
        [b'$', ..] => {
            let tag = text[1..].find('$').map(|at| &text[..at + 2])?;
            let is_tag = tag[1..tag.len() - 1].chars().all(|c| c.is_alphanumeric() || c == '_');
            (is_tag && !tag[1..].starts_with(|c: char| c.is_ascii_digit())).then(|| until(tag.len(), tag))
        }
        _ => None,
    }
}

/// Whether a statement changes rows.
pub(super) fn is_data(statement: &[String]) -> bool {
    let first = statement.first().map(String::as_str).unwrap_or_default();
    let writes = |word: &String| matches!(word.as_str(), "INSERT" | "UPDATE" | "DELETE" | "MERGE");
    match first {
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "REPLACE" | "COPY" => true,
        "WITH" => statement.iter().any(writes),
        _ => false,
    }
}

/// Whether the words stand in a statement one after the other.
pub(super) fn has(statement: &[String], words: &[&str]) -> bool {
    statement.windows(words.len()).any(|window| window.iter().zip(words).all(|(word, other)| word == other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sql: &str) -> Vec<String> {
        statements(sql).iter().map(|statement| statement.join(" ")).collect()
    }

    #[test]
    fn a_script_falls_into_statements_and_words() {
        assert_eq!(
            words(
                "create index -- not; here\n concurrently i on \"Users;\" (a); /* ; */ UPDATE t SET a = ';x'"
            ),
            ["CREATE INDEX CONCURRENTLY I ON A", "UPDATE T SET A"]
        );
        assert_eq!(words("DO $body$ BEGIN; END $body$; SELECT $1, $2"), ["DO", "SELECT 1 2"]);
        assert_eq!(words(" ; ;"), [""; 0]);
        assert_eq!(words("SELECT 'open; text"), ["SELECT"]);
        assert_eq!(
            words(r"SELECT E'it\'s; DELETE \\' AS a, 'a\'; e; SELECT E'open"),
            ["SELECT AS A", "E", "SELECT"]
        );
        assert_eq!(words("/* a /* b */ ; UPDATE */ SELECT 1; /* open /* DELETE */ ;"), ["SELECT 1"]);
    }

    #[test]
    fn statements_that_change_rows_are_told() {
        let data = |sql: &str| is_data(&statements(sql)[0]);
        assert!(data("update users set a = 1"));
        assert!(data("WITH moved AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM moved"));
        assert!(!data("WITH a AS (SELECT 1) SELECT * FROM a"));
        assert!(!data("CREATE TRIGGER t BEFORE UPDATE ON users EXECUTE FUNCTION f()"));
    }
}
