use crate::operation::Operation;
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "concurrent-in-transaction",
    summary: "CONCURRENTLY within a transaction, which the server refuses",
    level: Level::Warn,
    concern: Concern::Failure,
    dialects: POSTGRES,
    lock: "none: it fails",
    explanation: "\
`CREATE INDEX`, `DROP INDEX` and `REINDEX` with `CONCURRENTLY` consist of several transactions, so the server \
refuses them within one (SQLSTATE 25001). A migration runs in a transaction unless its attribute says \
`transaction = false`. Give such an operation a revision of its own: what else stands there is not taken back when \
it fails.",
    example: Example::new(
        r#"cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently())?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    if !case.step.transaction {
        return Vec::new();
    }
    case.operations()
        .filter_map(|(at, operation)| {
            let hit = Hit::at(at, format!("the server refuses to {operation} concurrently in a transaction"));
            let code = match operation {
                Operation::CreateIndex(index) if index.concurrently => {
                    format!("cx.create_index({})?;", case.code().index(index))
                }
                Operation::DropIndex { index, table } if index.concurrently => {
                    super::drop_index_not_concurrent::code(case, &index.name, table)
                }
                Operation::Reindex { target, concurrently: true } => {
                    super::reindex_not_concurrent::code(case, target)
                }
                Operation::Execute(sql)
                    if is_concurrent(sql.for_dialect(case.dialect).unwrap_or_default()) =>
                {
                    let code = format!("cx.execute({})?;", case.code().sql(sql));
                    let danger = "the server refuses the CONCURRENTLY of this SQL in a transaction";
                    return Some(Hit::at(at, danger).instead(Alternative::outside_transaction(code)));
                }
                _ => return None,
            };
            Some(hit.instead(Alternative::outside_transaction(code)))
        })
        .collect()
}

/// `REFRESH MATERIALIZED VIEW CONCURRENTLY` is fine in a transaction.
fn is_concurrent(sql: &str) -> bool {
    text::statements(sql).iter().any(|statement| {
        let is_index = text::has(statement, &["INDEX", "CONCURRENTLY"]);
        let first = statement.first().map(String::as_str);
        is_index || (first == Some("REINDEX") && statement.iter().any(|word| word == "CONCURRENTLY"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn each_concurrent_operation_is_found() {
        let found = step(|cx| {
            cx.create_index(index("a").on("users", ["email"]).concurrently())?;
            cx.drop_index(concurrently("b"), "users")?;
            cx.reindex_concurrently(ReindexTarget::Table("users".into()))?;
            cx.execute("create unique index concurrently c on users (email)")?;
            cx.execute("REINDEX (VERBOSE) TABLE CONCURRENTLY users")
        });
        assert_eq!(found.hits(&RULE).len(), 5);
        assert_eq!(
            found.hits(&RULE)[0].danger,
            "the server refuses to create index a on users concurrently in a transaction"
        );
    }

    #[test]
    fn outside_a_transaction_it_is_fine_and_so_is_everything_else_within() {
        step(|cx| cx.drop_index(concurrently("b"), "users")).outside_transaction().passes(&RULE);
        step(|cx| {
            cx.drop_index("b", "users")?;
            cx.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY totals")?;
            cx.execute("COMMENT ON TABLE users IS 'create index concurrently'")
        })
        .passes(&RULE);
    }
}
