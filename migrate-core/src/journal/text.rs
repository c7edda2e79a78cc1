//! Which SQL has to be outside of a transaction.

use crate::connection::Dialect;

/// Whether a text holds a statement that the server refuses in a transaction, that does nothing there, or that
/// begins or ends one.
///
/// What this does not know, the server refuses and says so; see `perform`.
pub(super) fn refuses_transactions(sql: &str, dialect: Dialect) -> bool {
    let mut within_body = false;
    statements(sql).iter().any(|words| {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        // The statements of a trigger's or a function's body are no statements of the text.
        within_body |= words.first() == Some(&"CREATE") && words.contains(&"BEGIN");
        if within_body {
            within_body = words.first() != Some(&"END");
            return false;
        }
        begins_or_ends_one(&words)
            || match dialect {
                Dialect::Postgres => is_refused_by_postgres(&words),
                Dialect::Sqlite => matches!(words[..], ["PRAGMA" | "VACUUM" | "ATTACH" | "DETACH", ..]),
                Dialect::Mysql => false,
            }
    })
}

fn begins_or_ends_one(words: &[&str]) -> bool {
    matches!(
        words,
        ["BEGIN" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE", ..]
            | ["START" | "PREPARE", "TRANSACTION", ..]
    )
}

fn is_refused_by_postgres(words: &[&str]) -> bool {
    match words {
        ["VACUUM" | "CALL", ..]
        | ["ALTER", "SYSTEM", ..]
        | ["CLUSTER"]
        | ["CREATE" | "DROP", "DATABASE" | "TABLESPACE" | "SUBSCRIPTION", ..]
        | ["REINDEX", "DATABASE" | "SYSTEM" | "SCHEMA", ..] => true,
        // A view is the exception: it is refreshed concurrently within a transaction, too.
        ["CREATE" | "DROP" | "REINDEX" | "ALTER", rest @ ..] => rest.contains(&"CONCURRENTLY"),
        // Its text is a string, in which a word may be anything; outside it runs as well as inside.
        ["DO", rest @ ..] => rest.iter().any(|word| matches!(*word, "COMMIT" | "ROLLBACK")),
        _ => false,
    }
}

/// The words of each statement in upper case, without quoted names, strings, comments and what is no word. The
/// text of a `DO` is taken apart as well.
fn statements(sql: &str) -> Vec<Vec<String>> {
    let mut statements = vec![Vec::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if first == '\'' || first == '"' || first == '`' {
            quoted(rest, first)
        } else if let Some(tag) = dollar_tag(rest) {
            let body = &rest[tag.len()..];
            let end = body.find(tag).unwrap_or(body.len());
            if let Some(statement) = statements.last_mut()
                && statement.first().is_some_and(|word: &String| word == "DO")
            {
                statement.extend(self::statements(&body[..end]).into_iter().flatten());
            }
            (2 * tag.len() + end).min(rest.len())
        } else if first.is_alphanumeric() || first == '_' {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
            if matches!(&rest[..length], "E" | "e") && rest[length..].starts_with('\'') {
                rest = &rest[length + escaped(&rest[length..])..];
                continue;
            }
            if let Some(statement) = statements.last_mut() {
                statement.push(rest[..length].to_ascii_uppercase());
            }
            length
        } else {
            if first == ';' {
                statements.push(Vec::new());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    statements
}

/// The length of a comment with those within it.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a string or a quoted name; a doubled quote goes on as another one.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |at| at + 2)
}

/// The length of a string of PostgreSQL in which a backslash takes the meaning from what follows it.
fn escaped(text: &str) -> usize {
    let mut at = 1;
    while at < text.len() {
        match text.as_bytes()[at] {
            b'\\' => at += 2,
            b'\'' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// The `$tag$` at the start of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let end = text.strip_prefix('$')?.find('$')? + 1;
    let tag = &text[1..end];
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgres_refuses_in_a_transaction_is_seen() {
        for sql in [
            "CREATE INDEX CONCURRENTLY i ON t (a)",
            "create unique index concurrently if not exists i on t (a)",
            "DROP INDEX CONCURRENTLY i",
            "REINDEX (VERBOSE) TABLE CONCURRENTLY t",
            "ALTER TABLE t DETACH PARTITION p CONCURRENTLY",
            "-- tidy up\n /* and /* more */ */ VACUUM t",
            "SELECT 1; COMMIT",
            "BEGIN; INSERT INTO t VALUES (';'); END",
            "DO $body$ BEGIN UPDATE t SET a = 1; COMMIT; END $body$",
            "CALL fill()",
        ] {
            assert!(refuses_transactions(sql, Dialect::Postgres), "{sql}");
        }
    }

    #[test]
    fn what_postgres_takes_in_a_transaction_is_not_held_against_it() {
        for sql in [
            "CREATE INDEX i ON t (a)",
            "INSERT INTO t VALUES ('VACUUM; COMMIT')",
            "CREATE TABLE \"VACUUM\" (\"COMMIT; \"\"x\"\"\" int)",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
            "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN NULL; END $$",
            "DO $$ BEGIN PERFORM 1; END $$",
            "-- VACUUM\nSELECT 1 /* ; COMMIT */",
            r"SELECT E'it\'s; COMMIT; ', e'\\'",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END",
            "SELECT $1, $tag$ ; VACUUM $tag$",
            "",
            ";;",
        ] {
            assert!(!refuses_transactions(sql, Dialect::Postgres), "{sql}");
        }
    }

    #[test]
    fn a_pragma_of_sqlite_is_outside() {
        assert!(refuses_transactions("PRAGMA foreign_keys = OFF", Dialect::Sqlite));
        assert!(refuses_transactions("VACUUM", Dialect::Sqlite));
        assert!(!refuses_transactions("CREATE TABLE pragma (a)", Dialect::Sqlite));
        let trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM u; DELETE FROM v; END; SELECT 1";
        assert!(!refuses_transactions(trigger, Dialect::Sqlite));
        assert!(refuses_transactions(&format!("{trigger}; COMMIT"), Dialect::Sqlite));
    }

    #[test]
    fn text_that_ends_within_a_quote_is_read_to_its_end() {
        for sql in
            ["SELECT 'open", "SELECT \"open", "/* open", "$a$ open", "-- open", "$", "'ü", "/*ü", r"E'ü\"]
        {
            assert!(!refuses_transactions(sql, Dialect::Postgres), "{sql}");
        }
    }
}
