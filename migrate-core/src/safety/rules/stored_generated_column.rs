use crate::connection::Dialect;
use crate::operation::{Column, Generated, TableLock};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "stored-generated-column",
    summary: "a stored generated column on a table that was there, so that every row is written anew",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: &[Dialect::Postgres, Dialect::Mysql],
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
The value of a stored generated column is computed and written for each row, under an `ACCESS EXCLUSIVE` lock on \
PostgreSQL and by a copy of the table on MySQL. One that is computed when it is read costs nothing to add: on MySQL, \
and from PostgreSQL 18 on. Before that a plain column, a trigger and a backfill do the same.",
    example: Example::new(
        r#"cx.add_column("users", column("email_lower", Text).generated("lower(email)"))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.added_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let generated = column.generated.as_ref().filter(|generated| generated.stored)?;
            let danger = format!(
                "nobody can read or write {} while {} is computed for each row",
                case.sized(table),
                column.name
            );
            let code = case.code();
            let add =
                |column: &Column| format!("cx.add_column({}, {})?;", code.name(table), code.column(column));
            let other = if case.dialect == Dialect::Mysql
                || case.facts.version.is_some_and(|version| version >= 18)
            {
                let virtual_ = Generated { stored: false, ..generated.clone() };
                Alternative::first(
                    "computed when it is read",
                    add(&Column { generated: Some(virtual_), ..column.clone() }),
                )
            } else {
                Alternative::first(
                    "first",
                    add(&Column { generated: None, nullable: true, ..column.clone() }),
                )
                .and_note(format!("then a trigger that sets {} in rows that are written", column.name))
                .and_note("then a backfill of the old rows")
            };
            Some(Hit::at(at, danger).lock(table, TableLock::AccessExclusive).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    fn add(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.add_column("users", column("low", Text).generated("lower(email)"))
    }

    #[test]
    fn it_is_computed_when_read_where_the_server_can() {
        assert_eq!(
            step(add).version(18).instead(&RULE),
            "// computed when it is read\n\
             cx.add_column(\"users\", column(\"low\", Text).generated_virtual(\"lower(email)\"))?;"
        );
        assert!(step(add).instead(&RULE).contains("then a trigger that sets low"));
        step_on(Dialect::Mysql, add).finds(&RULE);
    }

    #[test]
    fn virtual_columns_new_tables_and_sqlite_are_fine() {
        step(|cx| cx.add_column("users", column("low", Text).generated_virtual("lower(email)")))
            .passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text)))?;
            add(cx)
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, add).passes(&RULE);
    }
}
