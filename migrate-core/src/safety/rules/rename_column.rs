use crate::operation::TableChange;
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "rename-column",
    summary: "a column that running code knows by its old name",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE, for a moment",
    explanation: "\
The release that still runs asks for the old name and fails from the moment of the commit, and there is no moment at \
which two releases change places everywhere. Add a column of the new name, write both, fill it, read it, and drop the \
old one.",
    example: Example::new(r#"cx.rename_column("users", "name", "full_name")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::RenameColumn { from, to } = change else { return None };
            let danger = format!("code that runs fails as soon as {table} has no {from} any more");
            let code = case.code();
            let drop = format!("cx.drop_column({}, {})?;", code.name(table), code.text(from));
            let other = Alternative::note(format!("first a column {to} beside {from}"))
                .and_note(format!("then a release that writes both, and a backfill of {to}"))
                .and(format!("then, when no release uses {from} any more"), drop);
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    fn rename(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.rename_column("users", "name", "full_name")
    }

    #[test]
    fn it_is_found_on_every_server() {
        assert_eq!(
            step(rename).instead(&RULE),
            "// first a column full_name beside name\n\
             // then a release that writes both, and a backfill of full_name\n\
             // then, when no release uses name any more\n\
             cx.drop_column(\"users\", \"name\")?;"
        );
        step_on(Dialect::Sqlite, rename).finds(&RULE);
    }

    #[test]
    fn a_downgrade_and_a_new_table_are_fine() {
        step(rename).downgrade().passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("name", Text)))?;
            rename(cx)
        })
        .passes(&RULE);
    }
}
