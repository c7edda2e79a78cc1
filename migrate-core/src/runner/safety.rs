//! What the safety rules say about the revisions of a migrator.

use std::fmt;

use super::Migrator;
use super::error::Error;
use super::run::Run;
use crate::connection::{Dialect, MigrationConnection};
use crate::plan::{Direction, Plan};
use crate::preview::{OperationPreview, StepPreview};
use crate::registry::Runnable;
use crate::safety::{Facts, Finding, Level, Safety};

/// What a safety rule found in a revision.
#[derive(Debug, Clone)]
pub struct RevisionFinding {
    /// The revision.
    pub revision: String,
    /// Up or down.
    pub direction: Direction,
    /// What was found.
    pub finding: Finding,
}

/// `drop-column in abc123 (drop column name from users)`.
impl fmt::Display for RevisionFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.finding.rule.name, self.revision)?;
        self.finding.place.as_ref().map_or(Ok(()), |place| write!(f, " ({})", place.operation))
    }
}

/// # Safety
impl<C: MigrationConnection> Migrator<C> {
    /// What the body of a revision asks for on a server, without the statements; `None` for a revision that is not
    /// there.
    ///
    /// Nothing is opened and nothing runs: the body is asked for its operations.
    pub fn record(&self, revision: &str, dialect: Dialect, direction: Direction) -> Option<StepPreview> {
        Some(record(self.catalogue.get(revision)?, dialect, direction))
    }

    /// What the safety rules find in a revision, at the levels of the options; its own excuses are heard.
    pub fn safety(
        &self,
        revision: &str,
        dialect: Dialect,
        direction: Direction,
        facts: &Facts,
    ) -> Vec<RevisionFinding> {
        let Some(runnable) = self.catalogue.get(revision) else { return Vec::new() };
        let safety = Safety { dialect, levels: &self.options.safety, facts };
        check(&safety, &record(runnable, dialect, direction), runnable.declaration().allow)
    }
}

/// Asks a body for its operations.
pub(super) fn record<C: MigrationConnection>(
    runnable: &Runnable<C>,
    dialect: Dialect,
    direction: Direction,
) -> StepPreview {
    let (recording, outcome) = runnable.record(dialect, direction);
    let declaration = runnable.declaration();
    StepPreview {
        revision: declaration.revision.to_owned(),
        direction,
        transaction: declaration.transaction,
        operations: recording
            .operations
            .into_iter()
            .map(|operation| OperationPreview { operation, statements: Vec::new() })
            .collect(),
        // After any failure, what would have come is not known.
        opaque: recording.opaque || outcome.is_err(),
    }
}

fn check(safety: &Safety<'_>, step: &StepPreview, excuses: &[crate::safety::Allow]) -> Vec<RevisionFinding> {
    let findings = safety.check(step, excuses).into_iter();
    let of_step =
        |finding| RevisionFinding { revision: step.revision.clone(), direction: step.direction, finding };
    findings.map(of_step).collect()
}

impl Run<'_, '_> {
    /// Refuses an upgrade in which a denied rule finds something.
    ///
    /// Without a denied rule no body is asked. A downgrade is never refused: it is how one gets out of trouble.
    pub(super) fn refuse_unsafe(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        if plan.direction != Direction::Upgrade || !self.options.safety.denies_any() {
            return Ok(());
        }
        let dialect = self.host.driver().dialect();
        let facts = Facts { lock_timeout: Some(self.options.lock_timeout), ..Facts::default() };
        let safety = Safety { dialect, levels: &self.options.safety, facts: &facts };
        let mut denied = Vec::new();
        for step in &plan.steps {
            let Some((preview, declaration)) = self.host.record(step.id(), step.direction()) else {
                continue;
            };
            let findings = check(&safety, &preview, declaration.allow);
            denied.extend(findings.into_iter().filter(|found| found.finding.level == Level::Deny));
        }
        if denied.is_empty() { Ok(()) } else { Err(Error::Unsafe { findings: denied }) }
    }
}
