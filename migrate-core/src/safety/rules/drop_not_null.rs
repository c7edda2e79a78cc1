use crate::operation::TableChange;
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "drop-not-null",
    summary: "a column that may be NULL from now on, which running code does not expect",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: EVERY,
    lock: "ACCESS EXCLUSIVE, for a moment",
    explanation: "\
A `table!` whose column is not `Nullable` cannot load a row with NULL in it: as soon as one is written, each query \
of the release that still runs which meets it fails. First comes a release that reads `Nullable`, then this, then a \
release that writes NULL.",
    example: Example::new(r#"cx.drop_not_null("users", "email")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| match change {
            TableChange::AlterColumn { column, change } if change.nullable == Some(true) => {
                let danger = format!("code that runs cannot load a row of {table} with NULL in {column}");
                let other =
                    Alternative::note(format!("first a release whose `table!` has {column} as `Nullable`"))
                        .and_note("then this, with `allow(drop_not_null, reason = \"…\")` in the attribute");
                Some(Hit::at(at, danger).instead(other))
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn it_is_found_on_the_way_up_only() {
        let drop = |cx: &mut Context<'_, AnyConnection>| cx.drop_not_null("users", "email");
        step(drop).finds(&RULE);
        step_on(Dialect::Sqlite, drop).finds(&RULE);
        step(drop).downgrade().passes(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("email", Text).not_null()))?;
            cx.drop_not_null("users", "email")?;
            cx.alter_column("teams", "name", alter().default("x"))
        })
        .passes(&RULE);
    }
}
