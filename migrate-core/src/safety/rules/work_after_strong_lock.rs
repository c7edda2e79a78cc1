use crate::operation::{Effect, Operation};
use crate::safety::case::{Case, Taken};
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "work-after-strong-lock",
    summary: "slow work while the transaction holds a table that it is done with",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "that of the operation before it",
    explanation: "\
A lock lasts until its transaction ends. After one that makes readers or writers wait, everything else in the \
transaction prolongs the wait: an index that is built, rows that are read or written anew, SQL that nobody looked \
into, and a second such lock on another table, which has to wait for its own turn first (and may deadlock with code \
that takes the two in another order). No tool that reads one statement at a time sees this. A revision for each table, \
the slow work in one of its own.",
    example: Example::new(
        "cx.add_column(\"users\", column(\"plan\", Text))?;\n\
         cx.create_index(index(\"idx_posts_user_id\").on(\"posts\", [\"user_id\"]))?;",
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    if !case.step.transaction {
        return Vec::new();
    }
    let mut hits: Vec<Hit> = Vec::new();
    for (at, effect) in case.effects() {
        let held = case.strong_locks().find(|taken| taken.at < at);
        let Some(held) = held else { continue };
        let Some(work) = slow(case, at, effect, held) else { continue };
        if hits.last().is_some_and(|hit| hit.at == Some(at)) {
            continue;
        }
        let danger = format!(
            "{} of {} waits from `{}` on until {work} is done",
            held.waiting(),
            case.sized(held.table),
            case.step.operations[held.at].operation
        );
        let other = Alternative::note("this operation in a revision of its own, after this one");
        hits.push(Hit::at(at, danger).lock(held.table, held.lock).instead(other));
    }
    hits
}

/// What takes long about a statement.
fn slow(case: &Case<'_>, at: usize, effect: &Effect, held: Taken<'_>) -> Option<String> {
    let operation = &case.step.operations[at].operation;
    if let Some(table) = effect.rewrites.first() {
        return Some(format!("every row of {table} is written anew and `{operation}`"));
    }
    if let Some(table) = effect.scans.first() {
        return Some(format!("every row of {table} is read and `{operation}`"));
    }
    if effect.unknown {
        // Text that changes rows is another rule's, which says more about it.
        let is_data = matches!(operation, Operation::Execute(sql) if changes_rows(case, sql));
        return (!is_data).then(|| format!("`{operation}`, of which nothing is known,"));
    }
    let strong = effect.locks.iter().filter(|(_, lock)| lock.blocks_writes());
    let mut others = strong.map(|(table, _)| table).filter(|table| !same(table, held.table));
    let other = others.find(|table| !was_held(case, at, table))?;
    Some(format!("the lock on {other} was waited for, and `{operation}`"))
}

fn was_held(case: &Case<'_>, at: usize, table: &crate::operation::Name) -> bool {
    case.strong_locks().any(|taken| taken.at < at && same(taken.table, table))
}

fn changes_rows(case: &Case<'_>, sql: &crate::operation::Sql<'_>) -> bool {
    let sql = sql.for_dialect(case.dialect).unwrap_or_default();
    text::statements(sql).iter().any(|statement| text::is_data(statement))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::TableLock::{AccessExclusive, Share};
    use crate::prelude::*;
    use crate::safety::testing::{Tested, locks, scans, step};

    /// A short strong lock on users, and then a statement with an effect.
    fn then(body: fn(&mut Context<'_, AnyConnection>) -> Result<()>, effect: Effect) -> Tested {
        let tested = step(|cx| {
            cx.add_column("users", column("plan", Text))?;
            body(cx)
        });
        tested.effect(0, locks("users", AccessExclusive)).effect(1, effect)
    }

    fn build(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.create_index(index("i").on("posts", ["user_id"]))
    }

    #[test]
    fn a_scan_after_a_strong_lock_names_both() {
        let hit = then(build, scans("posts", Share)).finds(&RULE);
        assert_eq!(
            hit.danger,
            "everybody of users waits from `add column plan to users` on until every row of posts is read and \
             `create index i on posts` is done"
        );
        assert_eq!(hit.lock, Some(("users".into(), AccessExclusive)));
    }

    #[test]
    fn a_second_table_and_sql_that_nobody_knows_are_found_rows_are_left_to_another_rule() {
        then(|cx| cx.add_column("posts", column("a", Text)), locks("posts", AccessExclusive)).finds(&RULE);
        let unknown = || Effect { unknown: true, ..Effect::default() };
        then(|cx| cx.execute("CALL tidy_up()"), unknown()).finds(&RULE);
        then(|cx| cx.execute("UPDATE users SET plan = 'a'"), unknown()).passes(&RULE);
    }

    #[test]
    fn short_work_on_one_table_and_separate_transactions_are_fine() {
        then(|cx| cx.add_column("users", column("b", Text)), locks("users", AccessExclusive)).passes(&RULE);
        then(build, scans("posts", Share)).outside_transaction().passes(&RULE);
        let alone = step(build).effect(0, scans("posts", Share));
        alone.passes(&RULE);
    }
}
