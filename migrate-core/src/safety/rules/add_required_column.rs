use crate::operation::{Column, ColumnType};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "add-required-column",
    summary: "a NOT NULL column without a default on a table that may have rows",
    level: Level::Warn,
    concern: Concern::Failure,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
A column that is `NOT NULL` and has no default cannot be added to a table with rows: the statement fails (MySQL \
invents a value instead). On an empty table it succeeds, and then the INSERT of the release that still runs fails, \
which does not know the column. Give it a default, or add it nullable, fill it, and make it `NOT NULL` when every \
release that runs writes it.",
    example: Example::new(r#"cx.add_column("users", column("plan", Text).not_null())?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.added_columns()
        .filter(|new| is_required(new.column))
        .map(|NewColumn { at, table, column }| {
            let danger = format!(
                "it fails if {table} has rows, and so does each INSERT that does not know {} afterwards",
                column.name
            );
            let code = case.code();
            let nullable = Column { nullable: true, ..column.clone() };
            let add = format!("cx.add_column({}, {})?;", code.name(table), code.column(&nullable));
            let other = Alternative::first("first", add).and_note(format!(
                "then a release that writes {}, and a backfill of the old rows",
                column.name
            ));
            Hit::at(at, danger).instead(super::then_set_not_null(case, other, table, &column.name))
        })
        .collect()
}

fn is_required(column: &Column) -> bool {
    let serial = matches!(column.type_, ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial);
    let fills_itself =
        column.default.is_some() || column.identity.is_some() || column.generated.is_some() || serial;
    !column.nullable && !fills_itself
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_added_nullable_first() {
        let tested = step(|cx| cx.add_column("users", column("plan", Text).not_null()));
        assert_eq!(
            tested.instead(&RULE),
            r#"// first
cx.add_column("users", column("plan", Text))?;
// then a release that writes plan, and a backfill of the old rows
// then, in a revision with `transaction = false`
cx.safely().set_not_null("users", "plan")?;"#
        );
        let sqlite = step_on(Dialect::Sqlite, |cx| cx.add_column("users", column("plan", Text).not_null()));
        assert!(sqlite.instead(&RULE).ends_with("// then\ncx.set_not_null(\"users\", \"plan\")?;"));
    }

    #[test]
    fn columns_that_fill_themselves_and_new_tables_are_fine() {
        step(|cx| {
            cx.add_column("users", column("a", Text))?;
            cx.add_column("users", column("b", Text).not_null().default(""))?;
            cx.add_column("users", column("c", BigInt).identity())?;
            cx.add_column("users", column("d", BigSerial).not_null())?;
            cx.add_column("users", column("e", Text).not_null().generated("lower(a)"))?;
            cx.create_table(table("teams").column(column("id", BigInt)))?;
            cx.add_column("teams", column("plan", Text).not_null())
        })
        .passes(&RULE);
    }
}
