use crate::connection::Dialect;
use crate::operation::{Constraint, Index, KeyTarget, Name, Operation, Table, TableChange};
use crate::safety::case::Case;
use crate::safety::facts::{begins_with, same};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "foreign-key-without-index",
    summary: "a foreign key whose columns no index begins with",
    level: Level::Allow,
    concern: Concern::Design,
    dialects: &[Dialect::Postgres, Dialect::Sqlite],
    lock: "none",
    explanation: "\
Whoever deletes a row of the other table, or changes its key, has the server look for rows that refer to it: without \
an index it reads the whole table for each. MySQL makes the index by itself. An index of an earlier revision is known \
only with a database at hand.",
    example: Example::new(r#"cx.add_column("posts", column("user_id", BigInt).references("users", "id"))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .flat_map(|(at, operation)| {
            keys(operation).into_iter().map(move |(table, columns)| (at, table, columns))
        })
        .filter(|(_, table, columns)| !is_indexed(case, table, columns))
        .map(|(at, table, columns)| {
            let list = columns.join(", ");
            let danger =
                format!("each delete in the other table reads all of {table} for want of an index on {list}");
            let name = format!("idx_{}_{}", table.name, columns.join("_"));
            let index = crate::operation::index(name).on(table, columns);
            let code = |index: &Index| format!("cx.create_index({})?;", case.code().index(index));
            let other = if case.is_new(table, at) || case.dialect != Dialect::Postgres {
                Alternative::first("and with it", code(&index))
            } else {
                Alternative::default().and_outside("and then", code(&index.concurrently()))
            };
            Hit::at(at, danger).instead(other)
        })
        .collect()
}

/// The foreign keys that an operation makes: table and columns.
fn keys(operation: &Operation) -> Vec<(&Name, Vec<String>)> {
    let constraint = |constraint: &Constraint| match constraint {
        Constraint::ForeignKey(key) => Some(key.columns.clone()),
        _ => None,
    };
    let (table, keys): (_, Vec<_>) = match operation {
        Operation::CreateTable(table) => {
            let columns = table.columns.iter().filter(|column| column.references.is_some());
            let columns = columns.map(|column| vec![column.name.clone()]);
            (&table.name, columns.chain(table.constraints.iter().filter_map(constraint)).collect())
        }
        Operation::AlterTable(alter) => {
            let keys = alter.changes.iter().filter_map(|change| match change {
                TableChange::AddColumn(column) if column.references.is_some() => {
                    Some(vec![column.name.clone()])
                }
                TableChange::AddConstraint(it) => constraint(it),
                _ => None,
            });
            (&alter.table, keys.collect())
        }
        _ => return Vec::new(),
    };
    keys.into_iter().map(|columns| (table, columns)).collect()
}

fn is_indexed(case: &Case<'_>, table: &Name, columns: &[String]) -> bool {
    case.facts.is_indexed(table, columns)
        || case.operations().any(|(_, operation)| match operation {
            Operation::CreateTable(created) if same(&created.name, table) => {
                of_table(created).iter().any(|index| begins_with(index, columns))
            }
            Operation::CreateIndex(index) if same(&index.table, table) => begins_with(&of_index(index), columns),
            Operation::AlterTable(alter) if same(&alter.table, table) => alter.changes.iter().any(|change| {
                matches!(change, TableChange::AddConstraint(it) if begins_with(&of_constraint(it), columns))
            }),
            _ => false,
        })
}

/// The columns of each index that a table is created with.
fn of_table(table: &Table) -> Vec<Vec<String>> {
    let alone = table.columns.iter().filter(|column| column.primary_key || column.unique);
    let alone = alone.map(|column| vec![column.name.clone()]);
    let constraints = table.constraints.iter().map(of_constraint);
    alone.chain(constraints).chain(table.indexes.iter().map(of_index)).collect()
}

fn of_constraint(constraint: &Constraint) -> Vec<String> {
    match constraint {
        Constraint::PrimaryKey(key) => key.columns.clone(),
        Constraint::Unique(unique) => unique.columns.clone(),
        _ => Vec::new(),
    }
}

/// The columns that an index begins with; a partial one does not find every row.
fn of_index(index: &Index) -> Vec<String> {
    let columns = index.keys.iter().map_while(|key| match &key.on {
        KeyTarget::Column(column) => Some(column.clone()),
        KeyTarget::Expression(_) => None,
    });
    if index.predicate.is_some() { Vec::new() } else { columns.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{step, step_on};

    fn posts() -> crate::operation::Table {
        table("posts").column(column("user_id", BigInt).references("users", "id"))
    }

    #[test]
    fn it_is_found_wherever_the_key_is_made() {
        assert_eq!(
            step(|cx| cx.create_table(posts())).instead(&RULE),
            "// and with it\ncx.create_index(index(\"idx_posts_user_id\").on(\"posts\", [\"user_id\"]))?;"
        );
        let added = step(|cx| cx.add_constraint("posts", foreign_key(["a", "b"], "users", ["a", "b"])));
        assert!(added.instead(&RULE).ends_with(".on(\"posts\", [\"a\", \"b\"]).concurrently())?;"));
        step_on(Dialect::Sqlite, |cx| cx.create_table(posts())).finds(&RULE);
        step(|cx| cx.create_table(posts().with_index(index("i").on("", ["user_id"]).filter("live"))))
            .finds(&RULE);
    }

    #[test]
    fn an_index_of_the_step_or_of_the_database_will_do() {
        step(|cx| cx.create_table(posts().index("i", ["user_id", "at"]))).passes(&RULE);
        step(|cx| cx.create_table(posts().primary_key(["user_id", "topic"]))).passes(&RULE);
        step(|cx| {
            cx.create_table(posts())?;
            cx.create_index(index("i").on("posts", ["user_id"]))
        })
        .passes(&RULE);
        let facts = Facts {
            indexes: [("posts".into(), vec![vec!["user_id".to_owned()]])].into(),
            ..Facts::default()
        };
        step(|cx| cx.add_constraint("posts", foreign_key(["user_id"], "users", ["id"])))
            .with(facts)
            .passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.create_table(posts())).passes(&RULE);
    }
}
