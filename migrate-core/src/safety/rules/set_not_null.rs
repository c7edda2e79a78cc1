use crate::operation::{Constraint, Name, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "set-not-null",
    summary: "NOT NULL for a column, whose rows are all read while nobody may use the table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`SET NOT NULL` reads the whole table under an `ACCESS EXCLUSIVE` lock. From PostgreSQL 12 on it does not when a \
validated `CHECK (column IS NOT NULL)` proves it; adding that `NOT VALID` is short, and validating it lets others \
read and write. Each is a transaction of its own, or the first one's lock lasts through the second; `cx.safely()` sees to that.",
    example: Example::new(r#"cx.set_not_null("users", "email")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| match change {
            TableChange::AlterColumn { column, change } if change.nullable == Some(false) => {
                if case.facts.is_not_null(table, column)
                    || (!case.facts.is_before(12) && is_proven(case, at, table, column))
                {
                    return None;
                }
                let danger = format!(
                    "nobody can read or write {} while its rows are searched for a NULL in {column}",
                    case.sized(table)
                );
                let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
                Some(hit.instead(Alternative::outside_transaction(code(case, table, column))))
            }
            _ => None,
        })
        .collect()
}

/// Makes a column NOT NULL by a validated CHECK.
pub(super) fn code(case: &Case<'_>, table: &Name, column: &str) -> String {
    let code = case.code();
    if case.facts.is_before(12) {
        // The server reads the rows all the same, so the CHECK is all that can be had.
        let quoted = column.replace('"', "\"\"");
        let condition = code.text(&format!("\"{quoted}\" IS NOT NULL"));
        return format!("cx.safely().add_constraint({}, check({condition}))?;", code.name(table));
    }
    format!("cx.safely().set_not_null({}, {})?;", code.name(table), code.text(column))
}

/// Whether an operation before this one validated a CHECK that says the same.
fn is_proven(case: &Case<'_>, at: usize, table: &Name, column: &str) -> bool {
    let before = || case.changes().filter(|change| change.at < at && same(change.table, table));
    let proofs = before().filter_map(|Change { at, change, .. }| match change {
        TableChange::AddConstraint(constraint) => match &**constraint {
            Constraint::Check(check) => {
                let condition = check.condition.for_dialect(case.dialect).unwrap_or_default();
                let says_so = says_not_null(condition, column);
                says_so.then(|| (at, constraint.name_in(&table.name), !check.not_valid))
            }
            _ => None,
        },
        _ => None,
    });
    proofs.into_iter().any(|(added, name, is_valid)| {
        is_valid
            || before().any(|later| {
                later.at > added
                    && matches!(later.change, TableChange::ValidateConstraint(other) if *other == name)
            })
    })
}

/// Whether a condition is `column IS NOT NULL`, however it is quoted.
fn says_not_null(condition: &str, column: &str) -> bool {
    let plain = condition.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let words: Vec<_> = plain.split_whitespace().collect();
    let Some((name, rest)) = words.split_first() else { return false };
    let is_column = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\"") == column,
        None => name.to_lowercase() == column,
    };
    is_column
        && rest.len() == 3
        && rest.iter().zip(["IS", "NOT", "NULL"]).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_and_proven_by_a_check_instead() {
        let tested = step(|cx| cx.alter_column("users", "email", alter().type_(Text).not_null()));
        assert_eq!(
            tested.finds(&RULE).danger,
            "nobody can read or write users while its rows are searched for a NULL in email"
        );
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\ncx.safely().set_not_null(\"users\", \"email\")?;"
        );
        assert_eq!(
            tested.version(11).instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.safely().add_constraint(\"users\", check(\"\\\"email\\\" IS NOT NULL\"))?;"
        );
    }

    #[test]
    fn a_validated_check_proves_it_from_12_on() {
        let proven = || {
            step(|cx| {
                cx.add_constraint("users", check("(email is not null)").named("proof").not_valid())?;
                cx.validate_constraint("users", "proof")?;
                cx.set_not_null("users", "email")
            })
        };
        proven().passes(&RULE);
        proven().version(11).finds(&RULE);
        step(|cx| {
            cx.add_constraint("users", check("email IS NOT NULL").named("proof").not_valid())?;
            cx.set_not_null("users", "email")
        })
        .finds(&RULE);
        step(|cx| {
            cx.add_constraint("users", check("name IS NOT NULL").named("proof"))?;
            cx.set_not_null("users", "email")
        })
        .finds(&RULE);
    }

    #[test]
    fn known_columns_new_tables_and_other_servers_are_fine() {
        let facts = Facts { not_null: [("users".into(), "email".into())].into(), ..Facts::default() };
        step(|cx| cx.set_not_null("users", "email")).with(facts).passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text)))?;
            cx.set_not_null("users", "email")
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.set_not_null("users", "email")).passes(&RULE);
        step(|cx| cx.drop_not_null("users", "email")).passes(&RULE);
    }
}
