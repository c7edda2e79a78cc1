//! A process that works on one backfill and nothing else.

use std::time::{Duration, Instant};

use crate::backfill::Settings;
use crate::connection::Dialect;
use crate::ledger::{self, LedgerRow, RowState, Spans};
use crate::lock::Held;
use crate::plan::{self, Plan};
use crate::runner::claim::Entered;
use crate::runner::error::Error;
use crate::runner::event::Event;
use crate::runner::report::Report;
use crate::runner::run::{Command, Run};
use crate::runner::step::{Failure, Steps};

/// How long to wait for the run lock before looking whether there is something to join by now.
const TURN: Duration = Duration::from_secs(1);

impl<'a> Run<'_, 'a> {
    /// Works on one backfill until it is done, as one worker among others.
    ///
    /// The run lock is held while the backfill is begun, and by nobody while it runs: that each piece is done once
    /// rests on the checkpoints, and that it is finished once on the row of the whole and the row in the ledger.
    pub(in crate::runner) fn backfill(&mut self, revision: &str) -> Result<Report, Error> {
        let started = Instant::now();
        let (mut told, mut is_ours) = (None::<Instant>, false);
        loop {
            let rows = self.read()?;
            let has_ledger = rows.is_some();
            let Some((plan, rows, settings)) = self.plan_backfill(revision, rows.unwrap_or_default())? else {
                return self.nothing_to_do();
            };
            if !has_ledger {
                self.refuse_unadopted()?;
            }
            if is_ours || self.is_under_way(&plan, &rows)? {
                return self.unwinding(|run| run.fill_alone(&plan, &rows, settings));
            }
            let left = self.options.lock_wait.saturating_sub(started.elapsed());
            match self.begin_backfill(revision, left.min(TURN)) {
                Ok(true) => is_ours = true,
                Ok(false) => return self.nothing_to_do(),
                Err(Error::Locked { holder, .. }) if left > TURN => {
                    if told.is_none_or(|at| at.elapsed() >= Duration::from_secs(10)) {
                        told = Some(Instant::now());
                        self.emit(&Event::Waiting { waited: started.elapsed(), holder });
                    }
                }
                Err(Error::Locked { holder, .. }) => {
                    return Err(Error::Locked { waited: started.elapsed(), holder });
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The plan with the backfill as its only step; `None` when it is applied.
    fn plan_backfill(&mut self, name: &str, rows: Vec<LedgerRow>) -> Result<Option<Planned<'a>>, Error> {
        let revisions = plan::resolve(self.graph, None, name)?;
        let found = revisions.last().copied();
        let settings = found.and_then(|id| Some((id, self.host.backfill(id)?)));
        let (Some((id, settings)), 1) = (settings, revisions.len()) else {
            return Err(Error::NotABackfill { revision: found.unwrap_or(name).to_owned() });
        };
        let (plan, known) = self.plan_from(Command::Backfill(id), rows)?;
        let before = plan.steps.iter().map(|step| step.id().to_owned()).filter(|step| step != id);
        let missing: Vec<_> = before.collect();
        if !missing.is_empty() {
            return Err(Error::NotNext { revision: id.to_owned(), missing });
        }
        Ok((!plan.steps.is_empty()).then_some((plan, known.rows, settings)))
    }

    /// Whether others have begun it, and this process can take part.
    fn is_under_way(&mut self, plan: &Plan<'_>, rows: &[LedgerRow]) -> Result<bool, Error> {
        let (revision, names) = (plan.steps[0].id(), self.names.clone());
        let driver = self.host.driver();
        let is_running = rows.iter().any(|row| row.revision == revision && row.state == RowState::Running);
        if !is_running || driver.dialect() != Dialect::Postgres || driver.transaction_depth() != Some(0) {
            return Ok(false);
        }
        let names = names.within(ledger::locate(driver, &names)?);
        if !ledger::has_backfill(driver, &names)? || Spans::of(&names, revision).read(driver)?.is_none() {
            return Ok(false);
        }
        self.names = names;
        Ok(true)
    }

    /// Claims the step under the run lock; `false` when it is done.
    fn begin_backfill(&mut self, name: &str, wait: Duration) -> Result<bool, Error> {
        self.locked_within(wait, &mut |_, _| (), |run, held| {
            run.begin_ledger()?;
            loop {
                let rows = run.read()?.unwrap_or_default();
                let Some((plan, rows, settings)) = run.plan_backfill(name, rows)? else { return Ok(false) };
                run.refuse_unsafe(&plan)?;
                let mut steps = Steps::new(run, &plan, &rows, held);
                match steps.claim_backfill(0, settings) {
                    Ok(Entered::Ours | Entered::Resumed) => return Ok(true),
                    Ok(Entered::Skipped) => return Ok(false),
                    Ok(Entered::PlanAgain) => {}
                    Err(failure) => return Err(steps.stopped_by(0, failure)),
                }
            }
        })
    }

    fn fill_alone(
        &mut self,
        plan: &Plan<'a>,
        rows: &[LedgerRow],
        settings: Settings,
    ) -> Result<Report, Error> {
        let mut steps = Steps::new(self, plan, rows, &Held::Nothing);
        match steps.join(0).and_then(|()| steps.fill(0, settings)) {
            Ok((duration, progress)) => {
                steps.finished(0, duration, Some(progress));
                Ok(steps.take_report())
            }
            Err(failure) => Err(steps.stopped_by(0, failure)),
        }
    }

    fn nothing_to_do(&mut self) -> Result<Report, Error> {
        let rows = self.read()?.unwrap_or_default();
        let heads = self.known(rows)?.applied.heads().into_iter().map(Into::into).collect();
        Ok(Report { heads, ..Report::default() })
    }
}

/// A plan, the rows that it was made from, and how its only step runs.
type Planned<'a> = (Plan<'a>, Vec<LedgerRow>, Settings);

impl Steps<'_, '_, '_> {
    /// The error of a step of which nothing more is done.
    fn stopped_by(&mut self, number: usize, failure: Failure) -> Error {
        self.run.unwind_transactions();
        match failure {
            Failure::Run(error) => error,
            Failure::Step(cause) => self.stopped(number, cause, true),
        }
    }
}
