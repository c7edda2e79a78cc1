//! Whether a CHECK proves that a column has no NULL.

use super::words::words;

/// Whether a condition is, or has as one of several that all hold, `<column> IS NOT NULL`.
///
/// The server proves more than that (anything that is false or NULL for a NULL); what it is written as here is
/// what people write.
pub(super) fn proves_not_null(condition: &str, column: &str) -> bool {
    conjuncts(condition).into_iter().any(|conjunct| {
        let said: Vec<_> = words(conjunct).into_iter().map(|word| word.text).collect();
        matches!(&said[..], [name, is, not, null] if name == column && is == "is" && not == "not" && null == "null")
    })
}

/// The conditions that a condition joins by AND, outside of parentheses.
fn conjuncts(condition: &str) -> Vec<&str> {
    let condition = unwrapped(condition.trim());
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, character) in condition.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0
                && condition[at..].get(..5).is_some_and(|and| and.eq_ignore_ascii_case(" and ")) =>
            {
                parts.push(&condition[start..at]);
                start = at + 5;
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        return vec![condition];
    }
    parts.push(&condition[start..]);
    parts.into_iter().flat_map(conjuncts).collect()
}

/// Without the parentheses around all of it.
fn unwrapped(condition: &str) -> &str {
    let Some(inner) = condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return condition;
    };
    let mut depth = 0_usize;
    for character in inner.chars() {
        match character {
            '(' => depth += 1,
            // The first parenthesis closes before the end.
            ')' if depth == 0 => return condition,
            ')' => depth -= 1,
            _ => {}
        }
    }
    unwrapped(inner.trim())
}

#[cfg(test)]
mod tests {
    use super::proves_not_null;

    #[test]
    fn a_check_proves_that_a_column_has_no_null() {
        for (condition, proves) in [
            ("bio IS NOT NULL", true),
            ("(bio IS NOT NULL)", true),
            ("((bio is not null) AND (length(bio) > 1))", true),
            ("age > 0 AND (x OR y) AND \"bio\" IS NOT NULL", true),
            ("bio IS NOT NULL OR age > 0", false),
            ("(a IS NULL) OR (bio IS NOT NULL)", false),
            ("bio IS NULL", false),
            ("\"Bio\" IS NOT NULL", false),
            ("lower(bio) IS NOT NULL", false),
        ] {
            assert_eq!(proves_not_null(condition, "bio"), proves, "{condition}");
        }
    }
}
