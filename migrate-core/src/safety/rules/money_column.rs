use crate::connection::Dialect;
use crate::operation::{Column, ColumnType};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "money-column",
    summary: "a column of type money, whose meaning depends on a setting",
    level: Level::Allow,
    concern: Concern::Design,
    dialects: &[Dialect::Postgres],
    lock: "none",
    explanation: "\
How `money` is read and written, its currency and its digits, depends on `lc_monetary`. A `numeric` means the same on \
every server.",
    example: Example::new(r#"cx.add_column("orders", column("total", Money))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.new_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let ColumnType::Money = column.type_.on_dialect(case.dialect) else { return None };
            let danger = format!(
                "the values of {table}.{column} mean something else under another lc_monetary",
                table = table,
                column = column.name
            );
            let better = Column { type_: ColumnType::Decimal(12, 2), ..column.clone() };
            Some(Hit::at(at, danger).instead(Alternative::note(case.code().column(&better))))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_in_new_tables_too() {
        let tested = step(|cx| cx.create_table(table("orders").column(column("total", Money))));
        assert_eq!(tested.instead(&RULE), "// column(\"total\", decimal(12, 2))");
        step(|cx| cx.add_column("orders", column("total", Numeric))).passes(&RULE);
    }
}
