use super::case::Case;
use super::facts::Facts;
use super::finding::{Finding, Hit, Place};
use super::level::{Level, Levels};
use super::rules::RULES;
use crate::connection::Dialect;
use crate::preview::StepPreview;

/// A rule that a migration excuses itself from: `allow(drop_column, reason = "…")` in its attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allow {
    /// The rule's name, one of [`names`](super::names).
    pub rule: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// All rules, with what they need to know besides the step.
#[derive(Debug, Clone)]
pub struct Safety<'a> {
    /// The server's dialect.
    pub dialect: Dialect,
    /// How much each rule matters.
    pub levels: &'a Levels,
    /// What is known of the database and the run.
    pub facts: &'a Facts,
}

impl Safety<'_> {
    /// What the rules find in a step, in the order of its operations.
    ///
    /// Rules that are allowed are not asked. Findings that the migration excuses itself from come with its reason,
    /// and are allowed.
    #[must_use]
    pub fn check(&self, step: &StepPreview, excuses: &[Allow]) -> Vec<Finding> {
        let case = Case::new(step, self.dialect, self.facts);
        let asked = RULES.iter().filter(|rule| rule.concerns(self.dialect, step.direction));
        let mut findings = Vec::new();
        for rule in asked {
            let level = self.levels.of(rule);
            if level == Level::Allow {
                continue;
            }
            let excuse = excuses.iter().find(|excuse| excuse.rule == rule.name).map(|excuse| excuse.reason);
            let level = if excuse.is_some() { Level::Allow } else { level };
            findings.extend((rule.find)(&case).into_iter().map(|hit| {
                let Hit { at, danger, lock, alternative } = hit;
                let place =
                    at.map(|index| Place { index, operation: step.operations[index].operation.to_string() });
                Finding { rule, level, excuse, place, danger, lock, alternative }
            }));
        }
        findings.sort_by_key(|finding| finding.place.as_ref().map_or(usize::MAX, |place| place.index));
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    fn check(levels: &str, excuses: &[Allow]) -> Vec<(&'static str, Level, Option<&'static str>)> {
        let levels: Levels = levels.parse().unwrap();
        let facts = Facts::default();
        let safety = Safety { dialect: Dialect::Postgres, levels: &levels, facts: &facts };
        let step = step(|cx| {
            cx.set_not_null("users", "email")?;
            cx.create_index(index("idx_users_email").on("users", ["email"]))
        });
        let findings = safety.check(&step.step, excuses);
        findings.iter().map(|finding| (finding.rule.name, finding.level, finding.excuse)).collect()
    }

    #[test]
    fn findings_come_in_the_order_of_the_operations() {
        let found = check("all=allow,index-not-concurrent=deny,set-not-null=warn", &[]);
        assert_eq!(found, [("set-not-null", Level::Warn, None), ("index-not-concurrent", Level::Deny, None)]);
    }

    #[test]
    fn an_excuse_allows_and_is_told() {
        let excuse = Allow { rule: crate::safety::names::set_not_null, reason: "the table is small" };
        let found = check("all=allow,set-not-null=deny", &[excuse]);
        assert_eq!(found, [("set-not-null", Level::Allow, Some("the table is small"))]);
    }

    #[test]
    fn a_rule_that_is_allowed_is_silent() {
        assert_eq!(check("all=allow", &[]), []);
    }
}
