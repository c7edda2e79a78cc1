//! What the safety rules say about the revisions of a migrator.

use std::fmt;

use super::Migrator;
use super::error::Error;
use super::run::Run;
use crate::connection::{Dialect, MigrationConnection};
use crate::plan::{Direction, Plan};
use crate::preview::{StepPreview, forecast};
use crate::registry::{Declaration, Runnable};
use crate::safety::{Facts, Finding, Level, Levels, Safety};

/// What a safety rule found in a revision.
#[derive(Debug, Clone)]
#[non_exhaustive]
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
    /// What the body of a revision asks for on a server; `None` for a revision that is not there.
    ///
    /// Nothing is opened and nothing runs: the body is asked for its operations, and of the database nothing is
    /// known. The statements are there for PostgreSQL, where what they do does not depend on what cannot be known.
    pub fn record(&self, revision: &str, dialect: Dialect, direction: Direction) -> Option<StepPreview> {
        Some(record(self.catalogue.get(revision)?, dialect, direction))
    }

    /// What the safety rules find in revisions that run one after the other, at the levels of the options.
    ///
    /// What a migration excuses itself from is among it, with its reason. A table that one of them creates is new to
    /// those after it, too: nobody uses it yet.
    pub fn safety<'r>(
        &self,
        revisions: impl IntoIterator<Item = &'r str>,
        dialect: Dialect,
        direction: Direction,
        facts: &Facts,
    ) -> Vec<RevisionFinding> {
        let runnables = revisions.into_iter().filter_map(|revision| self.catalogue.get(revision));
        let steps = runnables
            .map(|runnable| (record(runnable, dialect, direction), runnable.declaration()))
            .collect::<Vec<_>>();
        check(dialect, &self.options.safety, facts.clone(), &steps)
    }
}

/// Asks a body for its operations.
pub(super) fn record<C: MigrationConnection>(
    runnable: &Runnable<C>,
    dialect: Dialect,
    direction: Direction,
) -> StepPreview {
    let declaration = runnable.declaration();
    if let (Direction::Upgrade, Some(settings)) = (direction, runnable.backfill()) {
        return StepPreview::in_batches(declaration.revision, settings);
    }
    let (recording, outcome) = runnable.record(dialect, direction);
    StepPreview {
        revision: declaration.revision.to_owned(),
        direction,
        transaction: declaration.transaction,
        operations: forecast(recording.operations, dialect),
        backfill: None,
        // After any failure, what would have come is not known.
        opaque: recording.opaque || outcome.is_err(),
        fault: outcome.err().filter(|_| !recording.opaque).map(|error| error.to_string()),
    }
}

/// Asks the rules about steps that run one after the other.
fn check(
    dialect: Dialect,
    levels: &Levels,
    mut facts: Facts,
    steps: &[(StepPreview, &'static Declaration)],
) -> Vec<RevisionFinding> {
    let mut found = Vec::new();
    for (step, declaration) in steps {
        let safety = Safety { dialect, levels, facts: &facts };
        let findings = safety.check(step, declaration.allow).into_iter();
        found.extend(findings.map(|finding| RevisionFinding {
            revision: step.revision.clone(),
            direction: step.direction,
            finding,
        }));
        facts.after(step);
    }
    found
}

impl Run<'_, '_> {
    /// Refuses an upgrade in which a denied rule finds something.
    ///
    /// Without a denied rule no body is asked, nor is the database. A downgrade is never refused: it is how one gets out
    /// of trouble.
    pub(super) fn refuse_unsafe(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        if plan.direction != Direction::Upgrade || !self.options.safety.denies_any() {
            return Ok(());
        }
        let dialect = self.host.driver().dialect();
        let known = Facts::read(self.host.driver())?;
        let facts = Facts { lock_timeout: self.options.lock_timeout.into(), ..known };
        let steps: Vec<_> =
            plan.steps.iter().filter_map(|step| self.host.record(step.id(), step.direction())).collect();
        let mut denied = check(dialect, &self.options.safety, facts, &steps);
        denied.retain(|found| found.finding.level == Level::Deny);
        if denied.is_empty() { Ok(()) } else { Err(Error::Unsafe { findings: denied }) }
    }
}
