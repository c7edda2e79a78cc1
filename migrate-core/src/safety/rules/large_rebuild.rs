use crate::connection::Dialect;
use crate::operation::TableChange;
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "large-rebuild",
    summary: "a large table that SQLite copies, while nobody may write to the file",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: &[Dialect::Sqlite],
    lock: "the file's write lock",
    explanation: "\
What SQLite's `ALTER TABLE` cannot do (types, nullability, defaults, constraints) is done by a copy of the table in one \
transaction, which holds the only write lock of the file. Some hundred thousand rows are copied in a second, so this \
is told from a million rows on, where statistics know them (`ANALYZE`). Other writers wait for as long as their \
`busy_timeout` says.",
    example: Example::new(r#"cx.set_not_null("users", "email")?;"#),
    find,
};

/// From how many rows on a copy takes seconds.
const LARGE: u64 = 1_000_000;

fn find(case: &Case<'_>) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    for Change { at, table, change } in case.changes() {
        let rebuilds = if case.has_effects(at) { case.rewrites(at, table) } else { needs_copy(change) };
        let is_told = hits.last().is_some_and(|hit| hit.at == Some(at));
        if !rebuilds || is_told || case.facts.rows_of(table).is_none_or(|rows| rows < LARGE) {
            continue;
        }
        let danger = format!("nobody can write to the file while {} is copied", case.sized(table));
        let other = Alternative::note("when nobody writes; all changes to the table in one alter_table");
        hits.push(Hit::at(at, danger).instead(other));
    }
    hits
}

fn needs_copy(change: &TableChange) -> bool {
    use TableChange::{AddConstraint, AlterColumn, DropConstraint, RenameConstraint};
    matches!(change, AlterColumn { .. } | AddConstraint(_) | DropConstraint(_) | RenameConstraint { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Effect;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{rewrites, step, step_on};

    fn rows(rows: u64) -> Facts {
        Facts { rows: [("users".into(), rows)].into(), ..Facts::default() }
    }

    fn change(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.set_not_null("users", "email")
    }

    #[test]
    fn a_copy_of_many_rows_is_found() {
        let hit = step_on(Dialect::Sqlite, change).with(rows(2_000_000)).finds(&RULE);
        assert_eq!(hit.danger, "nobody can write to the file while users (about 2,000,000 rows) is copied");
        let dropped = |cx: &mut Context<'_, AnyConnection>| cx.drop_column("users", "email");
        step_on(Dialect::Sqlite, dropped).effect(0, rewrites("users")).with(rows(LARGE)).finds(&RULE);
    }

    #[test]
    fn few_rows_unknown_rows_and_changes_in_place_are_fine() {
        step_on(Dialect::Sqlite, change).with(rows(LARGE - 1)).passes(&RULE);
        step_on(Dialect::Sqlite, change).passes(&RULE);
        step_on(Dialect::Sqlite, change).effect(0, Effect::default()).with(rows(LARGE)).passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.add_column("users", column("a", Text)))
            .with(rows(LARGE))
            .passes(&RULE);
        step(change).with(rows(LARGE)).passes(&RULE);
    }
}
