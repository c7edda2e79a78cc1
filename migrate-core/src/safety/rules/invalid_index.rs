use crate::operation::{Name, Operation, TableLock};
use crate::safety::case::Case;
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "invalid-index",
    summary: "an index that an earlier CONCURRENTLY left behind unfinished",
    level: Level::Warn,
    concern: Concern::Failure,
    dialects: POSTGRES,
    lock: "none",
    explanation: "\
The database holds an `INVALID` index on a table that the step changes. No query uses \
such an index, every write maintains it, and a unique one refuses rows without having looked at those that are \
there. A constraint cannot take it over. Drop it, and build it again if it was wanted.",
    example: Example::new(
        r#"cx.add_constraint("users", unique(["email"]).named("users_email_key").using_index("users_email_idx"))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.facts
        .invalid_indexes
        .iter()
        .filter_map(|(index, table)| {
            let at = case.operations().find(|(_, operation)| meets(operation, table)).map(|(at, _)| at)?;
            let danger = format!(
                "index {index} on {table} is invalid: no query uses it, and each write to {table} maintains it"
            );
            let code = case.code();
            let drop =
                format!("cx.drop_index(concurrently({}), {})?;", code.text(&index.name), code.name(table));
            let other = Alternative::default()
                .and_outside("drop it, and build it again if it was wanted", drop);
            Some(Hit::at(at, danger).lock(table, TableLock::ShareUpdateExclusive).instead(other))
        })
        .collect()
}

/// Whether an operation is about the table, but for one that mends the index itself.
fn meets(operation: &Operation, table: &Name) -> bool {
    match operation {
        Operation::AlterTable(alter) => same(&alter.table, table),
        // A concurrent build drops a leftover of its own name first; of another name it is as good as any change.
        Operation::CreateIndex(index) => same(&index.table, table),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::step;

    fn facts() -> Facts {
        Facts { invalid_indexes: [(("app", "i").into(), ("app", "users").into())].into(), ..Facts::default() }
    }

    #[test]
    fn it_is_found_with_the_first_operation_on_its_table() {
        let tested = step(|cx| {
            cx.add_column("teams", column("a", Text))?;
            cx.add_column("users", column("a", Text))?;
            cx.add_column("users", column("b", Text))
        });
        let tested = tested.with(facts());
        assert_eq!(tested.finds(&RULE).at, Some(1));
        assert!(
            tested.instead(&RULE).ends_with("cx.drop_index(concurrently(\"i\"), (\"app\", \"users\"))?;")
        );
    }

    #[test]
    fn nothing_is_found_on_other_tables_in_a_drop_and_without_a_catalog() {
        let drop = |cx: &mut Context<'_, AnyConnection>| cx.drop_index(concurrently("i"), "users");
        step(drop).with(facts()).passes(&RULE);
        step(|cx| cx.add_column("teams", column("a", Text))).with(facts()).passes(&RULE);
        step(|cx| cx.add_column("users", column("a", Text))).passes(&RULE);
    }
}
