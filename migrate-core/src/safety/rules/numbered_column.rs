use crate::connection::Dialect;
use crate::operation::{ColumnType, TableLock};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "numbered-column",
    summary: "a serial or identity column on a table that was there, so that every row is written anew",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: &[Dialect::Postgres, Dialect::Mysql],
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
A column that the server numbers gets another value in each row, so all of them are written anew and all indexes \
are built again, under an `ACCESS EXCLUSIVE` lock; on MySQL under one that lets others only read. Add a plain column \
and a sequence, let the sequence number rows to come, and fill the others in batches.",
    example: Example::new(r#"cx.add_column("users", column("number", BigInt).identity())?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.added_columns()
        .filter(|new| is_serial(&new.column.type_) || new.column.identity.is_some())
        .map(|NewColumn { at, table, column }| {
            let doing = if case.dialect == Dialect::Mysql { "write" } else { "read or write" };
            let danger =
                format!("nobody can {doing} {} while each of its rows gets a number", case.sized(table));
            let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
            if case.dialect != Dialect::Postgres {
                return hit.instead(Alternative::note(
                    "a new table with such a column, filled by a backfill, and renamed at the end",
                ));
            }
            let code = case.code();
            let sequence = crate::operation::column_constraint_name(&table.name, &column.name, "seq");
            let type_ = match column.type_ {
                ColumnType::SmallSerial | ColumnType::SmallInt => "SmallInt",
                ColumnType::Serial | ColumnType::Integer => "Integer",
                _ => "BigInt",
            };
            let lines = format!(
                "cx.add_column({table_code}, column({name}, {type_}))?;\n\
                 cx.create_sequence(sequence({sequence:?}).owned_by({table_code}, {name}))?;\n\
                 cx.set_default({table_code}, {name}, expression({next}))?;",
                table_code = code.name(table),
                name = code.text(&column.name),
                next = code.text(&format!("nextval('{}')", sequence.replace('\'', "''"))),
            );
            let other = Alternative::first("first", lines)
                .and_note(format!("then a backfill of {} in the old rows", column.name));
            hit.instead(super::then_set_not_null(case, other, table, &column.name))
        })
        .collect()
}

fn is_serial(type_: &ColumnType) -> bool {
    matches!(type_, ColumnType::SmallSerial | ColumnType::Serial | ColumnType::BigSerial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn a_sequence_numbers_new_rows_and_a_backfill_the_old_ones() {
        let tested = step(|cx| cx.add_column("users", column("number", Serial)));
        let instead = tested.instead(&RULE);
        assert!(
            instead.starts_with(
                r#"// first
cx.add_column("users", column("number", Integer))?;
cx.create_sequence(sequence("users_number_seq").owned_by("users", "number"))?;
cx.set_default("users", "number", expression("nextval('users_number_seq')"))?;
// then a backfill of number in the old rows"#
            ),
            "{instead}"
        );
        step_on(Dialect::Mysql, |cx| cx.add_column("users", column("n", BigInt).identity())).finds(&RULE);
    }

    #[test]
    fn new_tables_and_plain_columns_are_fine() {
        step(|cx| {
            cx.create_table(table("users").column(column("id", BigInt).identity()))?;
            cx.add_column("users", column("number", BigSerial))?;
            cx.add_column("teams", column("number", BigInt))
        })
        .passes(&RULE);
    }
}
