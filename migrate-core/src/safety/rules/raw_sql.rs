use crate::operation::Operation;
use crate::safety::case::Case;
use crate::safety::finding::Hit;
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "raw-sql",
    summary: "SQL as text, which no rule looks into",
    level: Level::Allow,
    concern: Concern::Blocking,
    dialects: EVERY,
    lock: "unknown",
    explanation: "\
What SQL as text locks, reads and writes is not known, so most rules have nothing to say about it. Who wants every \
such statement looked at by a person denies this rule, and excuses each one in its attribute.",
    example: Example::new(r#"cx.execute("ALTER TABLE users SET (autovacuum_enabled = off)")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    let raw = case.operations().filter(|(_, operation)| matches!(operation, Operation::Execute(_)));
    raw.map(|(at, _)| Hit::at(at, "what this SQL locks, reads and writes is not known")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn every_text_is_found_and_no_operation() {
        step_on(Dialect::Sqlite, |cx| cx.execute("VACUUM")).finds(&RULE);
        step(|cx| cx.add_column("users", column("a", Text))).passes(&RULE);
    }
}
