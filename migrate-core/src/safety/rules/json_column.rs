use crate::operation::{Column, ColumnType, TableChange};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "json-column",
    summary: "a column of type json, which cannot be compared",
    level: Level::Warn,
    concern: Concern::Design,
    dialects: POSTGRES,
    lock: "none",
    explanation: "\
`json` keeps the text as it came and has no equality: `SELECT DISTINCT`, `GROUP BY` and `UNION` over a row with such a \
column fail, and no GIN index can be built on it. `jsonb` has all of that. Keep `json` where the very text matters.",
    example: Example::new(r#"cx.add_column("users", column("settings", Json))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    let is_json = |type_: &ColumnType| *type_.on_dialect(case.dialect) == ColumnType::Json;
    let hit = |at, table: &dyn std::fmt::Display, column: &str| {
        Hit::at(at, format!("queries that compare rows of {table} fail, for {column} has no equality"))
    };
    let code = case.code();
    let new =
        case.new_columns().filter(|new| is_json(&new.column.type_)).map(|NewColumn { at, table, column }| {
            let better = code.column(&Column { type_: ColumnType::Jsonb, ..column.clone() });
            hit(at, table, &column.name).instead(Alternative::note(better))
        });
    let changed = case.changes().filter_map(|change| match change.change {
        TableChange::AlterColumn { column, change: to } if to.type_.as_ref().is_some_and(is_json) => {
            Some(hit(change.at, change.table, column).instead(Alternative::note("alter().type_(Jsonb)")))
        }
        _ => None,
    });
    new.chain(changed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_in_new_tables_too() {
        let tested = step(|cx| cx.create_table(table("users").column(column("settings", Json).not_null())));
        assert_eq!(tested.instead(&RULE), "// column(\"settings\", Jsonb).not_null()");
        step(|cx| cx.alter_column("users", "settings", alter().type_(Json))).finds(&RULE);
    }

    #[test]
    fn jsonb_and_other_servers_are_fine() {
        step(|cx| cx.add_column("users", column("a", Jsonb))).passes(&RULE);
        step(|cx| cx.add_column("users", column("a", ColumnType::from(Json).on(Dialect::Postgres, Jsonb))))
            .passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.add_column("users", column("a", Json))).passes(&RULE);
    }
}
