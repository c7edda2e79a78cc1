use crate::connection::Dialect;
use crate::safety::case::Case;
use crate::safety::facts::LockTimeout;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "no-lock-timeout",
    summary: "a strong lock that the run would wait for without end",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: &[Dialect::Postgres, Dialect::Mysql],
    lock: "any that makes readers or writers wait",
    explanation: "\
A statement that waits for a strong lock stands in a queue, and everybody who comes later waits behind it: one long \
query on the table, and a change of a millisecond stops the service. With a lock timeout the statement gives up, and \
the step is tried again a little later. Known only for a run whose options are known: `upgrade --lock-timeout 2s`.",
    example: Example::new(r#"cx.add_column("users", column("plan", Text))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    if case.facts.lock_timeout != LockTimeout::Endless {
        return Vec::new();
    }
    let first = case.strong_locks().next();
    first
        .map(|taken| {
            let danger = format!(
                "while it waits for its lock on {}, however long, {} else waits behind it",
                taken.table,
                taken.waiting()
            );
            let other = Alternative::note("run it with a lock timeout: upgrade --lock-timeout 2s");
            Hit::at(taken.at, danger).lock(taken.table, taken.lock).instead(other)
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::operation::TableLock::{AccessExclusive, ShareUpdateExclusive};
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{Tested, locks, step};

    fn add(lock: crate::operation::TableLock, lock_timeout: LockTimeout) -> Tested {
        let tested = step(|cx| cx.add_column("users", column("a", Text))).effect(0, locks("users", lock));
        tested.with(Facts { lock_timeout, ..Facts::default() })
    }

    #[test]
    fn it_is_found_where_there_is_none_for_sure() {
        add(AccessExclusive, LockTimeout::Endless).finds(&RULE);
        add(AccessExclusive, LockTimeout::After(Duration::from_secs(2))).passes(&RULE);
        add(AccessExclusive, LockTimeout::Unknown).passes(&RULE);
        add(ShareUpdateExclusive, LockTimeout::Endless).passes(&RULE);
    }
}
