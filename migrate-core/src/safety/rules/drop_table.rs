use crate::operation::{Name, Operation};
use crate::safety::case::Case;
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "drop-table",
    summary: "a table, view or schema that running code may still use",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE, also on the tables that its foreign keys refer to",
    explanation: "\
The release that still runs fails from the moment of the commit, and the rows are gone. First comes a release that \
does not use it. Renaming it then and dropping it a while later leaves time to notice what was forgotten, and to take \
it back. A view that the same step creates again counts as replaced.",
    example: Example::new(r#"cx.drop_table("sessions")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let (kind, name) = match operation {
                Operation::DropTable(table) if !case.is_new(&table.name, at) => ("table", &table.name),
                Operation::DropView { view, .. } if !comes_back(case, at, &view.name) => ("view", &view.name),
                Operation::DropSchema(schema) => ("schema", &schema.name),
                _ => return None,
            };
            let danger = format!("code that runs and uses the {kind} {name} fails as soon as it is gone");
            let other = Alternative::note(format!("first a release that does not use {name}"))
                .and_note("then this, with `allow(drop_table, reason = \"…\")` in the attribute");
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

/// Whether the step creates, before or after, what takes the view's place.
fn comes_back(case: &Case<'_>, at: usize, name: &Name) -> bool {
    case.operations().any(|(other, operation)| match operation {
        Operation::CreateView(view) => other != at && same(&view.name, name),
        Operation::CreateTable(table) => same(&table.name, name),
        Operation::RenameTable { from, to } => same(&from.sibling(to), name),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn tables_views_and_schemas_are_found() {
        let tested = step(|cx| {
            cx.drop_table(if_exists("users"))?;
            cx.drop_view("active_users")?;
            cx.drop_schema("app")
        });
        assert_eq!(tested.hits(&RULE).len(), 3);
        step_on(Dialect::Mysql, |cx| cx.drop_table("users")).finds(&RULE);
    }

    #[test]
    fn what_is_new_or_replaced_and_a_downgrade_are_fine() {
        step(|cx| {
            cx.create_table(table("scratch").column(column("id", BigInt)))?;
            cx.drop_table("scratch")?;
            cx.drop_view("active_users")?;
            cx.create_view(view("active_users", "SELECT 1"))
        })
        .passes(&RULE);
        step(|cx| cx.drop_table("users")).downgrade().passes(&RULE);
    }
}
