use crate::operation::{Constraint, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "check-not-valid-first",
    summary: "a CHECK that is held against every row while nobody may use the table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`ADD CHECK`, also with a new column, reads the whole table under an `ACCESS EXCLUSIVE` lock. Added `NOT VALID` it \
holds for what is written from now on and reads nothing; `VALIDATE CONSTRAINT` then reads the rows while others \
read and write. In two transactions: the first one's lock lasts until it commits.",
    example: Example::new(r#"cx.add_constraint("users", check("age >= 0").named("users_age_check"))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let danger = format!("nobody can read or write {} while its rows are checked", case.sized(table));
            let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
            match change {
                TableChange::AddConstraint(constraint) => match &**constraint {
                    Constraint::Check(check) if !check.not_valid => {
                        let code = super::add_safely(case, table, constraint);
                        Some(hit.instead(Alternative::outside_transaction(code)))
                    }
                    _ => None,
                },
                TableChange::AddColumn(column) if !column.checks.is_empty() => {
                    Some(hit.instead(super::add_column_safely(case, table, column)))
                }
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_added_first_and_validated_then() {
        let tested = step(|cx| cx.add_constraint("users", check("age >= 0")));
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.safely().add_constraint(\"users\", check(\"age >= 0\"))?;"
        );
    }

    #[test]
    fn a_new_column_gets_its_checks_afterwards() {
        let tested =
            step(|cx| cx.add_column("users", column("age", Integer).check("age >= 0").check("age < 200")));
        assert_eq!(
            tested.instead(&RULE),
            r#"// in a revision with `transaction = false`
cx.safely().add_column("users", column("age", Integer).check("age >= 0").check("age < 200"))?;"#
        );
    }

    #[test]
    fn not_valid_new_tables_and_other_servers_are_fine() {
        step(|cx| cx.add_constraint("users", check("age >= 0").not_valid())).passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("age", Integer)))?;
            cx.add_constraint("users", check("age >= 0"))
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.add_constraint("users", check("age >= 0"))).passes(&RULE);
    }
}
