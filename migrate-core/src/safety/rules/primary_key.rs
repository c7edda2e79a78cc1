use crate::operation::{Column, Constraint, Name, PrimaryKey, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "primary-key",
    summary: "a primary key whose index is built, or whose rows are searched for NULL, while nobody may use the table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`ADD PRIMARY KEY` builds an index under an `ACCESS EXCLUSIVE` lock, and makes its columns `NOT NULL`, for which all \
rows are read. With `USING INDEX` nothing is built, but a column that is not `NOT NULL` yet is still searched for \
NULL. So the columns come first, then an index that is built `CONCURRENTLY`, then the key.",
    example: Example::new(r#"cx.add_constraint("users", primary_key(["id"]))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let (key, added) = match change {
                TableChange::AddConstraint(constraint) => match &**constraint {
                    Constraint::PrimaryKey(key) => (key.clone(), None),
                    _ => return None,
                },
                TableChange::AddColumn(column) if column.primary_key => {
                    (crate::operation::primary_key([&column.name]), Some(&**column))
                }
                _ => return None,
            };
            let nullable: Vec<_> =
                key.columns.iter().filter(|column| !is_not_null(case, at, table, column)).collect();
            let danger = match &key.using_index {
                // The columns are the index's; without a catalog they are those that were named.
                Some(_) if nullable.is_empty() => return None,
                Some(_) => format!(
                    "nobody can read or write {} while its rows are searched for a NULL in {}",
                    case.sized(table),
                    nullable[0]
                ),
                None => format!(
                    "nobody can read or write {} while the index of its key is built",
                    case.sized(table)
                ),
            };
            let other = instead(case, table, &key, &nullable, added);
            Some(Hit::at(at, danger).lock(table, TableLock::AccessExclusive).instead(other))
        })
        .collect()
}

fn is_not_null(case: &Case<'_>, at: usize, table: &Name, column: &str) -> bool {
    let sets = |change: &Change<'_>| match change.change {
        TableChange::AlterColumn { column: other, change } => {
            other == column && change.nullable == Some(false)
        }
        TableChange::AddColumn(other) => other.name == column && !other.nullable,
        _ => false,
    };
    case.facts.is_not_null(table, column)
        || case.changes().any(|change| change.at < at && change.table == table && sets(&change))
}

fn instead(
    case: &Case<'_>,
    table: &Name,
    key: &PrimaryKey,
    nullable: &[&String],
    added: Option<&Column>,
) -> Alternative {
    let code = case.code();
    if let Some(column) = added {
        let plain = Column { primary_key: false, nullable: true, ..column.clone() };
        let add = format!("cx.add_column({}, {})?;", code.name(table), code.column(&plain));
        return Alternative::first("first", add)
            .and_note(format!("then a backfill of {}", column.name))
            .and_outside("then", super::add_safely(case, table, &key.clone().into()));
    }
    let Some(index) = &key.using_index else {
        return Alternative::outside_transaction(super::add_safely(case, table, &key.clone().into()));
    };
    let mut lines: Vec<_> =
        nullable.iter().map(|column| super::set_not_null::code(case, table, column)).collect();
    let constraint = code.constraint(&key.clone().into());
    lines.push(format!("cx.add_constraint({}, {constraint}.using_index({index:?}))?;", code.name(table)));
    Alternative::outside_transaction(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{step, step_on};

    fn not_null() -> Facts {
        Facts { not_null: [("users".into(), "id".into())].into(), ..Facts::default() }
    }

    #[test]
    fn it_is_made_of_an_index_that_was_built_concurrently() {
        let tested = step(|cx| cx.add_constraint("users", primary_key(["id"]))).with(not_null());
        assert_eq!(
            tested.instead(&RULE),
            "// in a revision with `transaction = false`\n\
             cx.safely().add_constraint(\"users\", primary_key([\"id\"]))?;"
        );
    }

    #[test]
    fn an_index_on_a_nullable_column_does_not_save_the_scan() {
        let using = || step(|cx| cx.add_constraint("users", primary_key(["id"]).using_index("i")));
        assert!(using().instead(&RULE).contains("cx.safely().set_not_null(\"users\", \"id\")?;\n"));
        using().with(not_null()).passes(&RULE);
        step(|cx| {
            cx.set_not_null("users", "id")?;
            cx.add_constraint("users", primary_key(["id"]).using_index("i"))
        })
        .passes(&RULE);
    }

    #[test]
    fn new_tables_and_other_servers_are_fine() {
        step(|cx| {
            cx.create_table(table("users").column(column("id", BigInt)))?;
            cx.add_constraint("users", primary_key(["id"]))
        })
        .passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.add_constraint("users", primary_key(["id"]))).passes(&RULE);
        step(|cx| cx.add_column("users", column("n", BigInt).primary_key())).finds(&RULE);
    }
}
