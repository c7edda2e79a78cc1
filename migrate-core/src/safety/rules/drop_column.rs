use crate::operation::TableChange;
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "drop-column",
    summary: "a column that running code may still read or write",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE, for a moment",
    explanation: "\
Where a query does not select its columns one by one, Diesel names every column of the `table!`, and each INSERT that \
returns the row does so, too: the release that still runs fails from the moment of the commit, whether it looks at the \
column or not. First comes a release whose `table!` is without the column; if the \
column is `NOT NULL` without a default, it becomes nullable before that release, which does not write it. Then it is \
dropped, and the attribute says so.",
    example: Example::new(r#"cx.drop_column("users", "legacy_flags")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::DropColumn(column) = change else { return None };
            let name = &column.name.name;
            let added = case
                .added_columns()
                .any(|new| new.at <= at && new.table == table && new.column.name == *name);
            if added {
                return None;
            }
            let danger = format!("code that runs and names {name} fails as soon as {table} is without it");
            let other = Alternative::note(format!("first a release whose `table!` has no {name}"))
                .and_note("then this, with `allow(drop_column, reason = \"…\")` in the attribute");
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_on_every_server_also_among_other_changes() {
        let tested = step_on(Dialect::Sqlite, |cx| {
            cx.alter_table("users", |users| {
                users.add_column(column("a", Text)).drop_column(column("b", Text));
            })
        });
        assert_eq!(
            tested.finds(&RULE).danger,
            "code that runs and names b fails as soon as users is without it"
        );
    }

    #[test]
    fn a_downgrade_a_new_table_and_a_new_column_are_fine() {
        step(|cx| cx.drop_column("users", "a")).downgrade().passes(&RULE);
        step(|cx| {
            cx.create_table(table("teams").column(column("a", Text)))?;
            cx.drop_column("teams", "a")?;
            cx.add_column("users", column("helper", Text))?;
            cx.drop_column("users", "helper")
        })
        .passes(&RULE);
    }
}
