use crate::operation::{TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "validate-in-same-transaction",
    summary: "a constraint that is validated while its transaction still holds the table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "that of the operation before it, mostly ACCESS EXCLUSIVE",
    explanation: "\
`VALIDATE CONSTRAINT` itself lets others read and write while it reads the rows. Locks last until the transaction \
ends, though: after a change to the same table in the same transaction, `ADD CONSTRAINT … NOT VALID` for one, the \
rows are read while nobody may use the table, and nothing was won.",
    example: Example::new(
        "cx.add_constraint(\"users\", check(\"age >= 0\").named(\"users_age_check\").not_valid())?;\n\
         cx.validate_constraint(\"users\", \"users_age_check\")?;",
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    if !case.step.transaction {
        return Vec::new();
    }
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::ValidateConstraint(name) = change else { return None };
            let before = case.changes().take_while(|earlier| !std::ptr::eq(earlier.change, change));
            let holding = before
                .filter(|earlier| same(earlier.table, table))
                .find(|earlier| !matches!(earlier.change, TableChange::ValidateConstraint(_)))?;
            let danger = format!(
                "the transaction holds {} since `{}`, so nobody uses it while its rows are checked",
                case.sized(table),
                case.step.operations[holding.at].operation
            );
            let code = case.code();
            let validate = format!("cx.validate_constraint({}, {})?;", code.name(table), code.text(name));
            let other =
                Alternative::note("leave it out here").and("and in a revision after this one", validate);
            Some(Hit::at(at, danger).lock(table, TableLock::AccessExclusive).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    fn both(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.add_constraint("users", check("age >= 0").named("c").not_valid())?;
        cx.validate_constraint("users", "c")
    }

    #[test]
    fn it_is_found_after_any_change_to_the_table() {
        let tested = step(both);
        assert_eq!(tested.finds(&RULE).at, Some(1));
        assert_eq!(
            tested.finds(&RULE).danger,
            "the transaction holds users since `add constraint c to users`, so nobody uses it while its rows are checked"
        );
        assert_eq!(
            tested.instead(&RULE),
            "// leave it out here\n// and in a revision after this one\ncx.validate_constraint(\"users\", \"c\")?;"
        );
    }

    #[test]
    fn apart_outside_a_transaction_and_elsewhere_it_is_fine() {
        step(both).outside_transaction().passes(&RULE);
        step(|cx| {
            cx.add_column("teams", column("a", Text))?;
            cx.validate_constraint("users", "c")?;
            cx.validate_constraint("users", "d")
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, both).passes(&RULE);
    }
}
