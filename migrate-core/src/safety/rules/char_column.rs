use crate::connection::Dialect;
use crate::operation::{Column, ColumnType};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "char-column",
    summary: "a column of type char(n), which is padded with blanks",
    level: Level::Allow,
    concern: Concern::Design,
    dialects: &[Dialect::Postgres],
    lock: "none",
    explanation: "\
`char(n)` fills every value with blanks, is no faster than `text`, and compares as if the blanks were not there. `text`, \
or `varchar(n)` where a limit is meant, does what one expects.",
    example: Example::new(r#"cx.add_column("users", column("country", char(2)))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.new_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let ColumnType::Char(length) = column.type_.on_dialect(case.dialect) else { return None };
            let danger = format!(
                "values of {table}.{column} are padded with blanks",
                table = table,
                column = column.name
            );
            let better = Column { type_: ColumnType::Varchar(*length), ..column.clone() };
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
        let tested = step(|cx| cx.create_table(table("users").column(column("country", char(2)).not_null())));
        assert_eq!(tested.instead(&RULE), "// column(\"country\", varchar(2)).not_null()");
        assert_eq!(tested.finds(&RULE).danger, "values of users.country are padded with blanks");
        step(|cx| cx.add_column("users", column("country", varchar(2)))).passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.add_column("users", column("country", char(2)))).passes(&RULE);
    }
}
