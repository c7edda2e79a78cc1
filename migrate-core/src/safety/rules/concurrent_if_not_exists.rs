use crate::operation::{Index, Operation};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "concurrent-if-not-exists",
    summary: "CONCURRENTLY IF NOT EXISTS, which is content with an index that does not work",
    level: Level::Warn,
    concern: Concern::Failure,
    dialects: POSTGRES,
    lock: "SHARE UPDATE EXCLUSIVE",
    explanation: "\
A `CREATE INDEX CONCURRENTLY` that fails or is cut off leaves an `INVALID` index behind, which no query uses, \
which every write maintains, and which vouches for nothing if it is unique. The next attempt with `IF NOT EXISTS` \
finds the name taken and succeeds without doing anything, as does the script of `upgrade --sql`. Without \
`IF NOT EXISTS` the leftover is seen, dropped and built again.",
    example: Example::outside_transaction(
        r#"cx.create_index(index("idx_users_email").on("users", ["email"]).concurrently().if_not_exists())?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| match operation {
            Operation::CreateIndex(index) if index.concurrently && index.if_not_exists => {
                let danger = format!(
                    "a build of {} that failed leaves an invalid index, and the next attempt is content with that",
                    index.name
                );
                let strict = Index { if_not_exists: false, ..(**index).clone() };
                let code = format!("cx.create_index({})?;", case.code().index(&strict));
                Some(Hit::at(at, danger).instead(Alternative::outside_transaction(code)))
            }
            Operation::Execute(sql) => {
                let sql = sql.for_dialect(case.dialect).unwrap_or_default();
                let words = ["INDEX", "CONCURRENTLY", "IF", "NOT", "EXISTS"];
                let is_one = text::statements(sql).iter().any(|statement| text::has(statement, &words));
                let danger =
                    "an invalid index of an earlier attempt keeps its name, and this SQL is content with that";
                let other = "cx.create_index(index(…).on(…).concurrently())? drops an invalid leftover first";
                is_one.then(|| Hit::at(at, danger).instead(Alternative::note(other)))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_in_operations_and_in_text() {
        let tested = step(|cx| cx.create_index(index("i").on("users", ["a"]).concurrently().if_not_exists()));
        let tested = tested.outside_transaction();
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.create_index(index(\"i\").on(\"users\", [\"a\"]).concurrently())?;"
        );
        step(|cx| cx.execute("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (a)")).finds(&RULE);
    }

    #[test]
    fn either_word_alone_is_fine() {
        step(|cx| {
            cx.create_index(index("i").on("users", ["a"]).concurrently())?;
            cx.create_index(index("i").on("users", ["a"]).if_not_exists())?;
            cx.execute("CREATE INDEX IF NOT EXISTS i ON users (a)")
        })
        .passes(&RULE);
    }
}
