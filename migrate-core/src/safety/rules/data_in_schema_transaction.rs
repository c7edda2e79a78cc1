use crate::operation::Operation;
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "data-in-schema-transaction",
    summary: "rows that are changed in a transaction that also changes the schema",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "that of the change to the schema, mostly ACCESS EXCLUSIVE",
    explanation: "\
Changing rows takes as long as there are rows. After a change to the schema in the same transaction its lock lasts as \
long: the table is closed for the whole backfill. Before one, the rows that were changed stay locked while the change \
waits for its turn. Here a step in Rust (`cx.data`, a bulk insert of more than 1,000 rows, the connection itself) is \
seen as well as SQL. Three revisions instead: change the schema, change the rows in a typed backfill (`new --backfill`), change the rest.",
    example: Example::new(
        "cx.add_column(\"users\", column(\"email_lower\", Text))?;\n\
         cx.execute(\"UPDATE users SET email_lower = lower(email)\")?;",
    ),
    find,
};

/// More literal rows than this take a while.
const MANY_ROWS: usize = 1_000;

fn find(case: &Case<'_>) -> Vec<Hit> {
    if !case.step.transaction {
        return Vec::new();
    }
    let before = |at: usize| case.strong_locks().find(move |taken| taken.at < at);
    let after = |at: usize| case.strong_locks().find(move |taken| taken.at > at);
    let mut hits: Vec<_> = case
        .operations()
        .filter(|(_, operation)| changes_rows(case, operation))
        .filter_map(|(at, operation)| {
            let text = |at: usize| &case.step.operations[at].operation;
            let (held, danger) = match (before(at), after(at)) {
                (Some(held), _) => {
                    let (who, table) = (held.waiting(), case.sized(held.table));
                    let since = text(held.at);
                    (held, format!("{who} of {table} waits from `{since}` on until `{operation}` is done"))
                }
                (None, Some(next)) => {
                    let danger = format!(
                        "the rows that `{operation}` changes stay locked while `{}` waits for {}",
                        text(next.at),
                        next.table
                    );
                    (next, danger)
                }
                (None, None) => return None,
            };
            Some(Hit::at(at, danger).lock(held.table, held.lock).instead(instead(case, operation)))
        })
        .collect();
    if let Some(held) = before(usize::MAX).filter(|_| case.step.opaque) {
        let (who, table) = (held.waiting(), case.sized(held.table));
        let danger = format!("{who} of {table} waits until what the body does on its connection is done");
        let other = Alternative::note("work on the connection in a revision of its own")
            .and_note("rows of a large table in a typed backfill: `new --backfill` writes one");
        hits.push(Hit::step(danger).lock(held.table, held.lock).instead(other));
    }
    hits
}

fn changes_rows(case: &Case<'_>, operation: &Operation) -> bool {
    match operation {
        Operation::Data { .. } => true,
        Operation::InsertRows(rows) | Operation::DeleteRows(rows) => rows.rows.len() > MANY_ROWS,
        Operation::Execute(sql) => {
            let statements = text::statements(sql.for_dialect(case.dialect).unwrap_or_default());
            statements.iter().any(|statement| text::is_data(statement))
        }
        _ => false,
    }
}

fn instead(case: &Case<'_>, operation: &Operation) -> Alternative {
    match operation {
        Operation::Data { .. } => {
            Alternative::note("this in a revision of its own; a typed backfill, `impl Backfill`, if the table is large")
                .and_note("`new --backfill` writes one: it goes in batches, and `upgrade --defer-backfills` leaves it for later")
        }
        Operation::Execute(sql) => Alternative::first(
            "in a revision of its own; in a typed backfill, `new --backfill`, if the table is large",
            format!("cx.execute({})?;", case.code().sql(sql)),
        ),
        _ => Alternative::note("this in a revision of its own; in batches if the table is large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Effect;
    use crate::operation::TableLock::AccessExclusive;
    use crate::prelude::*;
    use crate::safety::testing::{Tested, locks, step};

    const CLOSED: fn() -> Effect = || locks("users", AccessExclusive);

    fn after(body: fn(&mut Context<'_, AnyConnection>) -> Result<()>) -> Tested {
        let tested = step(|cx| {
            cx.add_column("users", column("low", Text))?;
            body(cx)
        });
        tested.effect(0, CLOSED())
    }

    #[test]
    fn a_step_in_rust_a_long_insert_and_the_connection_itself_are_seen() {
        let data = after(|cx| cx.data("fill low", |_| Ok(())));
        assert_eq!(
            data.finds(&RULE).danger,
            "everybody of users waits from `add column low to users` on until `fill low` is done"
        );
        let instead = data.instead(&RULE);
        assert!(instead.contains("`impl Backfill`") && instead.contains("`new --backfill`"), "{instead}");
        after(|cx| cx.execute("with a as (select 1) update users set low = 'x'")).finds(&RULE);
        after(|cx| cx.bulk_insert(rows("roles", ["id"]).rows((0..1_001).map(|id| [id])))).finds(&RULE);
        assert_eq!(after(|cx| cx.connection().map(|_| ())).finds(&RULE).at, None);
    }

    #[test]
    fn rows_before_the_schema_are_found_too() {
        let tested = step(|cx| {
            cx.data("mend", |_| Ok(()))?;
            cx.drop_column("users", "old")
        });
        let hit = tested.effect(1, CLOSED()).finds(&RULE);
        assert!(hit.danger.starts_with("the rows that `mend` changes stay locked while `drop column old"));
    }

    #[test]
    fn a_few_rows_new_tables_and_separate_transactions_are_fine() {
        after(|cx| cx.bulk_insert(rows("roles", ["id"]).row((1,)))).passes(&RULE);
        after(|cx| cx.data("fill", |_| Ok(()))).outside_transaction().passes(&RULE);
        // A table of the same step is locked by nobody else, so its effect is empty.
        let new = step(|cx| {
            cx.create_table(table("roles").column(column("id", BigInt)))?;
            cx.data("fill roles", |_| Ok(()))
        });
        new.effect(0, Effect::default()).passes(&RULE);
    }
}
