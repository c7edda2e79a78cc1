use crate::operation::{Constraint, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "unique-constraint",
    summary: "a unique constraint whose index is built while nobody may use the table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`ADD UNIQUE`, also with a new column, builds an index under an `ACCESS EXCLUSIVE` lock. A unique index that was built \
`CONCURRENTLY` is taken over in no time by `ADD UNIQUE USING INDEX`.",
    example: Example::new(r#"cx.add_constraint("users", unique(["email"]))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let danger = format!(
                "nobody can read or write {} while the index of the constraint is built",
                case.sized(table)
            );
            let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
            match change {
                TableChange::AddConstraint(constraint) => match &**constraint {
                    Constraint::Unique(unique) if unique.using_index.is_none() => {
                        let code = super::add_safely(case, table, constraint);
                        Some(hit.instead(Alternative::outside_transaction(code)))
                    }
                    _ => None,
                },
                TableChange::AddColumn(column) if column.unique => {
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
    fn it_is_made_of_an_index_that_was_built_concurrently() {
        let tested = step(|cx| cx.add_constraint("users", unique(["tenant", "email"]).nulls_not_distinct()));
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.safely().add_constraint(\"users\", unique([\"tenant\", \"email\"]).nulls_not_distinct())?;"
        );
        let column = step(|cx| cx.add_column("users", column("email", Text).unique()));
        assert!(
            column
                .instead(&RULE)
                .ends_with("cx.safely().add_column(\"users\", column(\"email\", Text).unique())?;")
        );
    }

    #[test]
    fn with_an_index_on_new_tables_and_elsewhere_it_is_fine() {
        step(|cx| cx.add_constraint("users", unique(["email"]).using_index("i"))).passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text).unique()))?;
            cx.add_constraint("users", unique(["email"]))
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.add_constraint("users", unique(["email"]))).passes(&RULE);
    }
}
