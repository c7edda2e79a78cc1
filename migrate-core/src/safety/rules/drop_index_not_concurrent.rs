use crate::operation::{Name, Operation, TableLock};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "drop-index-not-concurrent",
    summary: "an index that is dropped while nobody may use its table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`DROP INDEX` takes an `ACCESS EXCLUSIVE` lock on the table. The drop itself is short, but it waits for every query \
on the table to end, and meanwhile every new query waits for it. `DROP INDEX CONCURRENTLY` waits without being in \
anybody's way; it runs outside a transaction.",
    example: Example::new(r#"cx.drop_index("idx_users_email", "users")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| match operation {
            Operation::DropIndex { index, table }
                if !index.concurrently && !index.cascade && !case.is_new(table, at) =>
            {
                let danger = format!(
                    "everybody who uses {table} waits while the drop of {} waits for the queries before it",
                    index.name
                );
                Some(
                    Hit::at(at, danger)
                        .lock(table, TableLock::AccessExclusive)
                        .instead(Alternative::outside_transaction(code(case, &index.name, table))),
                )
            }
            _ => None,
        })
        .collect()
}

/// Drops an index concurrently.
pub(super) fn code(case: &Case<'_>, index: &Name, table: &Name) -> String {
    let code = case.code();
    format!("cx.drop_index(concurrently({}), {})?;", code.name(index), code.name(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_and_dropped_concurrently() {
        let tested = step(|cx| cx.drop_index(index("i").on("users", ["email"]), "users"));
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\ncx.drop_index(concurrently(\"i\"), \"users\")?;"
        );
    }

    #[test]
    fn a_new_table_a_concurrent_drop_and_other_servers_are_fine() {
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text)).index("i", ["email"]))?;
            cx.drop_index("i", "users")
        })
        .passes(&RULE);
        step(|cx| cx.drop_index(concurrently("i"), "users")).passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.drop_index("i", "users")).passes(&RULE);
    }
}
