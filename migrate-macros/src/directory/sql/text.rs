//! As much of SQL as it takes to tell a statement from a comment.

/// Whether a text holds anything but white space, comments and semicolons.
///
/// Block comments nest, as PostgreSQL and the standard have it.
pub(super) fn has_statement(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|character: char| character.is_whitespace() || character == ';');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("/*") {
            rest = after_block(rest);
        } else {
            return !rest.is_empty();
        }
    }
}

/// What follows the block comment that a text begins with; nothing when it does not end.
fn after_block(sql: &str) -> &str {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(step) = sql[at..].find(['/', '*']) {
        at += step;
        let rest = &sql[at..];
        let length = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            1
        };
        at += length;
        if depth == 0 {
            return &sql[at..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::has_statement;

    #[test]
    fn a_statement_is_told_from_comments() {
        for sql in ["", " ;\n; ", "-- DROP TABLE a", "-- a\n/* b /* c */ */ -- d", "/* DROP", "/*/ a */"] {
            assert!(!has_statement(sql), "{sql:?}");
        }
        for sql in ["DROP TABLE a", "-- a\nDROP TABLE a", "/* a */ SELECT 1", "/* a /* b */ */ x", "-", "/ *"]
        {
            assert!(has_statement(sql), "{sql:?}");
        }
    }
}
