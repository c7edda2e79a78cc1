//! A script of PostgreSQL, statement by statement.

/// The statements of a script, without their semicolons.
///
/// Quotes, dollar quotes and comments are looked through. What stands before a statement, comments too, is part of it;
/// comments after the last one are dropped.
pub(super) fn split(sql: &str) -> Vec<&str> {
    let bytes = sql.as_bytes();
    let (mut statements, mut start, mut at, mut has_words) = (Vec::new(), 0, 0, false);
    while at < bytes.len() {
        let rest = &sql[at..];
        if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += comment(rest);
        } else if bytes[at] == b'\'' || bytes[at] == b'"' {
            let escapes =
                at > 0 && matches!(bytes[at - 1], b'e' | b'E') && !is_word(bytes, at.checked_sub(2));
            at += quoted(rest, escapes && bytes[at] == b'\'');
            has_words = true;
        } else if bytes[at] == b'$' && !is_word(bytes, at.checked_sub(1)) && dollar(rest).is_some() {
            at += dollar(rest).unwrap_or(1);
            has_words = true;
        } else if bytes[at] == b';' {
            if has_words {
                statements.push(sql[start..at].trim());
            }
            at += 1;
            (start, has_words) = (at, false);
        } else {
            has_words |= !bytes[at].is_ascii_whitespace();
            at += 1;
            while !sql.is_char_boundary(at) {
                at += 1;
            }
        }
    }
    if has_words {
        statements.push(sql[start..].trim());
    }
    statements
}

fn is_word(bytes: &[u8], at: Option<usize>) -> bool {
    at.is_some_and(|at| {
        bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'$') || !bytes[at].is_ascii()
    })
}

/// The length of a comment; they nest.
fn comment(sql: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < sql.len() {
        let rest = &sql.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    sql.len()
}

/// The length of a literal in quotes. Doubled quotes are two literals beside each other, which comes to the same.
fn quoted(sql: &str, escapes: bool) -> usize {
    let bytes = sql.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            byte if byte == bytes[0] => return at + 1,
            _ => at += 1,
        }
    }
    sql.len()
}

/// The length of a literal in dollar quotes; `None` if it is none.
fn dollar(sql: &str) -> Option<usize> {
    let end = sql[1..].find('$')? + 2;
    let tag = &sql[..end];
    let inner = &tag[1..end - 1];
    let is_tag = inner.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !inner.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| sql[end..].find(tag).map_or(sql.len(), |found| end + found + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_end_at_semicolons_that_are_no_part_of_them() {
        for (sql, expected) in [
            ("SELECT 1;\n\nSELECT 2;\n", &["SELECT 1", "SELECT 2"][..]),
            ("SELECT ';', \"a;b\", 'it''s;'; SELECT 2", &["SELECT ';', \"a;b\", 'it''s;'", "SELECT 2"]),
            ("SELECT E'\\';', 1; SELECT 2", &["SELECT E'\\';', 1", "SELECT 2"]),
            ("DO $$ BEGIN a; END $$; SELECT 2", &["DO $$ BEGIN a; END $$", "SELECT 2"]),
            ("DO $a$ $$;$$ $a$; SELECT 2", &["DO $a$ $$;$$ $a$", "SELECT 2"]),
            (
                "-- a;b\nSELECT 1; /* c; /* d; */ */ SELECT 2; -- e",
                &["-- a;b\nSELECT 1", "/* c; /* d; */ */ SELECT 2"],
            ),
            ("SELECT $1; SELECT 'größe;'", &["SELECT $1", "SELECT 'größe;'"]),
            (";;  ;\n", &[]),
        ] {
            assert_eq!(split(sql), expected, "{sql}");
        }
    }
}
