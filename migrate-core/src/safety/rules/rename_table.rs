use crate::operation::{Name, Operation};
use crate::safety::case::Case;
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "rename-table",
    summary: "a table that running code knows by its old name",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE, for a moment",
    explanation: "\
The release that still runs asks for the old name and fails from the moment of the commit. A view under the old name, \
created in the same transaction, serves it until it is gone: PostgreSQL and MySQL also write through such a view; \
SQLite needs triggers for that.",
    example: Example::new(r#"cx.rename_table("users", "people")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let Operation::RenameTable { from, to } = operation else { return None };
            if case.is_new(from, at) || has_stand_in(case, at, from) {
                return None;
            }
            let danger = format!("code that runs fails as soon as there is no table {from} any more");
            let code = case.code();
            let (old, new) = (code.name(from), from.sibling(to));
            let query = format!("SELECT * FROM {}", quoted(case, &new));
            let lines = format!(
                "cx.rename_table({old}, {})?;\ncx.create_view(view({old}, {}))?;",
                code.text(to),
                code.text(&query)
            );
            let other = Alternative::code(lines)
                .and(format!("then, when no release uses {from} any more"), format!("cx.drop_view({old})?;"));
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

fn quoted(case: &Case<'_>, name: &Name) -> String {
    // A name that cannot be quoted is an error of the operation itself.
    crate::operation::render::Quote(case.dialect).qualified(name).unwrap_or_else(|_| name.to_string())
}

/// Whether the step puts a view, or another table, in the old one's place.
fn has_stand_in(case: &Case<'_>, at: usize, name: &Name) -> bool {
    case.operations().any(|(other, operation)| {
        other > at
            && match operation {
                Operation::CreateView(view) => same(&view.name, name),
                Operation::CreateTable(table) => same(&table.name, name),
                Operation::RenameTable { from, to } => same(&from.sibling(to), name),
                _ => false,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    fn rename(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.rename_table(("app", "users"), "people")
    }

    #[test]
    fn a_view_takes_the_old_name() {
        assert_eq!(
            step(rename).instead(&RULE),
            r#"cx.rename_table(("app", "users"), "people")?;
cx.create_view(view(("app", "users"), "SELECT * FROM \"app\".\"people\""))?;
// then, when no release uses app.users any more
cx.drop_view(("app", "users"))?;"#
        );
        step_on(Dialect::Mysql, rename).finds(&RULE);
    }

    #[test]
    fn with_a_stand_in_on_a_new_table_and_on_the_way_back_it_is_fine() {
        step(|cx| {
            rename(cx)?;
            cx.create_view(view(("app", "users"), "SELECT * FROM app.people"))
        })
        .passes(&RULE);
        step(|cx| {
            cx.rename_table("users", "users_old")?;
            cx.rename_table("users_new", "users")
        })
        .finds(&RULE);
        step(|cx| {
            cx.create_table(table(("app", "users")).column(column("id", BigInt)))?;
            rename(cx)
        })
        .passes(&RULE);
        step(rename).downgrade().passes(&RULE);
    }
}
