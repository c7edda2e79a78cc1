use crate::connection::Dialect;
use crate::operation::{Column, ColumnType};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "timestamp-without-zone",
    summary: "a column of type timestamp, which is no point in time",
    level: Level::Allow,
    concern: Concern::Design,
    dialects: &[Dialect::Postgres],
    lock: "none",
    explanation: "\
`timestamp` keeps what a clock showed and not where it hung: sessions with other time zones write and read other points \
in time. `timestamptz` takes as much room and keeps the point in time.",
    example: Example::new(r#"cx.add_column("users", column("seen_at", Timestamp))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.new_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let ColumnType::Timestamp = column.type_.on_dialect(case.dialect) else { return None };
            let danger = format!(
                "sessions with other time zones take {table}.{column} for other points in time",
                table = table,
                column = column.name
            );
            let better = Column { type_: ColumnType::Timestamptz, ..column.clone() };
            Some(Hit::at(at, danger).instead(Alternative::note(case.code().column(&better))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_in_new_tables_too() {
        let tested = step(|cx| cx.create_table(table("a").column(column("at", Timestamp).default(now()))));
        assert_eq!(tested.instead(&RULE), "// column(\"at\", Timestamptz).default(now())");
        step(|cx| cx.add_column("a", column("at", Timestamptz))).passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.add_column("a", column("at", Timestamp))).passes(&RULE);
    }
}
