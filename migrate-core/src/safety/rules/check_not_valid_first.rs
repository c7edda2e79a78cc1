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
            let code = case.code();
            match change {
                TableChange::AddConstraint(constraint) => match &**constraint {
                    Constraint::Check(check) if !check.not_valid => {
                        Some(hit.instead(super::not_valid_first(case, table, constraint)))
                    }
                    _ => None,
                },
                TableChange::AddColumn(column) => {
                    let (first, others) = column.checks.split_first()?;
                    let plain = crate::operation::Column { checks: Vec::new(), ..(**column).clone() };
                    let name = crate::operation::column_constraint_name(&table.name, &column.name, "check");
                    let mut lines =
                        vec![format!("cx.add_column({}, {})?;", code.name(table), code.column(&plain))];
                    for (number, check) in std::iter::once(first).chain(others).enumerate() {
                        let name = if number == 0 { name.clone() } else { format!("{name}{number}") };
                        lines.push(super::not_valid_lines(
                            case,
                            table,
                            &format!("check({}).named({})", code.sql(check), code.text(&name)),
                            &name,
                        ));
                    }
                    Some(hit.instead(Alternative::outside_transaction(lines.join("\n"))))
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
             cx.add_constraint(\"users\", check(\"age >= 0\").named(\"users_check\").not_valid())?;\n\
             cx.validate_constraint(\"users\", \"users_check\")?;"
        );
    }

    #[test]
    fn a_new_column_gets_its_checks_afterwards() {
        let tested =
            step(|cx| cx.add_column("users", column("age", Integer).check("age >= 0").check("age < 200")));
        assert_eq!(
            tested.instead(&RULE),
            r#"// in a revision with `transaction = false`
cx.add_column("users", column("age", Integer))?;
cx.add_constraint("users", check("age >= 0").named("users_age_check").not_valid())?;
cx.validate_constraint("users", "users_age_check")?;
cx.add_constraint("users", check("age < 200").named("users_age_check1").not_valid())?;
cx.validate_constraint("users", "users_age_check1")?;"#
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
