use crate::operation::{Operation, ReindexTarget};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "reindex-not-concurrent",
    summary: "indexes that are built anew while nobody may write to their table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "SHARE on the table, ACCESS EXCLUSIVE on the index",
    explanation: "\
`REINDEX` lets nobody write to the table, and nobody use the index, until it is built. From PostgreSQL 12 on \
`REINDEX CONCURRENTLY` builds another one beside it; it runs outside a transaction.",
    example: Example::new(r#"cx.reindex(ReindexTarget::Index("idx_users_email".into()))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    // Before 12 there is no other way.
    if case.facts.is_before(12) {
        return Vec::new();
    }
    case.operations()
        .filter_map(|(at, operation)| match operation {
            Operation::Reindex { target, concurrently: false } => {
                let danger = match target {
                    ReindexTarget::Index(index) => {
                        format!(
                            "nobody can write to the table of {index}, or read by it, while it is built anew"
                        )
                    }
                    ReindexTarget::Table(table) if case.is_new(table, at) => return None,
                    ReindexTarget::Table(table) => {
                        let table = case.sized(table);
                        format!("nobody can write to {table} while its indexes are built anew")
                    }
                };
                Some(Hit::at(at, danger).instead(Alternative::outside_transaction(code(case, target))))
            }
            _ => None,
        })
        .collect()
}

/// Builds indexes anew concurrently.
pub(super) fn code(case: &Case<'_>, target: &ReindexTarget) -> String {
    let (kind, name) = match target {
        ReindexTarget::Index(name) => ("Index", name),
        ReindexTarget::Table(name) => ("Table", name),
    };
    format!("cx.reindex_concurrently(ReindexTarget::{kind}({}.into()))?;", case.code().name(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_for_indexes_and_for_tables() {
        let tested = step(|cx| cx.reindex(ReindexTarget::Table(("app", "users").into())));
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.reindex_concurrently(ReindexTarget::Table((\"app\", \"users\").into()))?;"
        );
        step(|cx| cx.reindex(ReindexTarget::Index("i".into()))).finds(&RULE);
    }

    #[test]
    fn concurrently_on_new_tables_on_old_servers_and_elsewhere_it_is_fine() {
        let reindex = || ReindexTarget::Table("users".into());
        step(|cx| cx.reindex_concurrently(reindex())).passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text)))?;
            cx.reindex(reindex())
        })
        .passes(&RULE);
        step(|cx| cx.reindex(reindex())).version(11).passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.reindex(reindex())).passes(&RULE);
    }
}
