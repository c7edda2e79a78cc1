use crate::connection::Dialect;
use crate::operation::{Column, ColumnType, Constraint, Operation};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "narrow-primary-key",
    summary: "a primary key of 32 bits or fewer, which runs out",
    level: Level::Allow,
    concern: Concern::Design,
    dialects: &[Dialect::Postgres, Dialect::Mysql],
    lock: "none",
    explanation: "\
A number of 32 bits ends at 2,147,483,647, and the sequence also counts inserts that were rolled back. Widening the key \
then writes the table anew, and every table that refers to it. `BigInt` costs four bytes a row.",
    example: Example::new(
        r#"cx.create_table(table("events").column(column("id", Integer).identity().primary_key()))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.new_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let wide = match column.type_.on_dialect(case.dialect) {
                ColumnType::SmallInt | ColumnType::Integer => ColumnType::BigInt,
                ColumnType::SmallSerial | ColumnType::Serial => ColumnType::BigSerial,
                _ => return None,
            };
            let is_numbered = column.identity.is_some() || wide == ColumnType::BigSerial;
            if !is_numbered || !is_key(&case.step.operations[at].operation, column) {
                return None;
            }
            let danger = format!("{table} takes no more rows once {} has run out of numbers", column.name);
            let better = case.code().column(&Column { type_: wide, ..column.clone() });
            Some(Hit::at(at, danger).instead(Alternative::note(better)))
        })
        .collect()
}

/// Whether a column is the primary key alone.
fn is_key(operation: &Operation, column: &Column) -> bool {
    let names_it = |constraint: &Constraint| matches!(constraint, Constraint::PrimaryKey(key) if key.columns == [column.name.as_str()]);
    column.primary_key
        || matches!(operation, Operation::CreateTable(table) if table.constraints.iter().any(names_it))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn numbered_keys_are_found() {
        let tested = step(|cx| cx.create_table(table("a").column(column("id", Serial).primary_key())));
        assert_eq!(tested.instead(&RULE), "// column(\"id\", BigSerial).primary_key()");
        step(|cx| cx.create_table(table("a").column(column("id", Integer).identity()).primary_key(["id"])))
            .finds(&RULE);
    }

    #[test]
    fn wide_keys_keys_that_nobody_counts_and_sqlite_are_fine() {
        step(|cx| {
            cx.create_table(table("a").column(column("id", BigInt).identity().primary_key()))?;
            cx.create_table(table("b").column(column("code", Integer).primary_key()))?;
            cx.create_table(table("c").column(column("n", Integer).identity()).primary_key(["n", "m"]))
        })
        .passes(&RULE);
        let sqlite = |cx: &mut Context<'_, AnyConnection>| {
            cx.create_table(table("a").column(column("id", Integer).identity().primary_key()))
        };
        step_on(Dialect::Sqlite, sqlite).passes(&RULE);
    }
}
