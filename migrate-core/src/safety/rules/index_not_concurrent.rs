use crate::operation::{Index, Operation, TableLock};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "index-not-concurrent",
    summary: "an index that is built while nobody may write to its table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "SHARE",
    explanation: "\
`CREATE INDEX` reads the whole table under a `SHARE` lock: INSERT, UPDATE and DELETE wait until the index is built. \
`CREATE INDEX CONCURRENTLY` lets them go on. It runs outside a transaction and waits for every transaction that \
began before it; an invalid leftover of an attempt that failed is dropped before the next one.",
    example: Example::new(r#"cx.create_index(index("idx_users_email").on("users", ["email"]))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| match operation {
            Operation::CreateIndex(index) if !index.concurrently && !case.is_new(&index.table, at) => {
                let table = case.sized(&index.table);
                let danger = format!("nobody can write to {table} while index {} is built", index.name);
                let concurrent = Index { concurrently: true, if_not_exists: false, ..(**index).clone() };
                let code = format!("cx.create_index({})?;", case.code().index(&concurrent));
                Some(
                    Hit::at(at, danger)
                        .lock(&index.table, TableLock::Share)
                        .instead(Alternative::outside_transaction(code)),
                )
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_names_the_table_and_the_rows_and_builds_concurrently() {
        let tested = step(|cx| cx.create_index(index("i").on(("app", "users"), ["email"]).unique()));
        let facts = Facts { rows: [(Name::from(("app", "users")), 1_200_000)].into(), ..Facts::default() };
        let tested = tested.with(facts);
        let hit = tested.finds(&RULE);
        assert_eq!(hit.danger, "nobody can write to app.users (about 1,200,000 rows) while index i is built");
        assert_eq!(hit.lock, Some((("app", "users").into(), TableLock::Share)));
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.create_index(index(\"i\").on((\"app\", \"users\"), [\"email\"]).unique().concurrently())?;"
        );
    }

    #[test]
    fn a_new_table_a_concurrent_build_and_other_servers_are_fine() {
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text)))?;
            cx.create_index(index("i").on("users", ["email"]))
        })
        .passes(&RULE);
        step(|cx| cx.create_index(index("i").on("users", ["email"]).concurrently())).passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.create_index(index("i").on("users", ["email"]))).passes(&RULE);
    }
}
