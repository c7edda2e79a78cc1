//! One run: what it works with, what it reads of the ledger, and the plan that it makes and takes.

use std::sync::Arc;

use super::error::Error;
use super::event::Event;
use super::host::{Host, Hosts};
use super::options::Options;
use super::preflight::preflight;
use super::report::{DeferredRevision, Report};
use super::step::{Flow, Steps};
use crate::connection::{Dialect, Driver, FailureKind, classify};
use crate::graph::RevisionGraph;
use crate::ledger::{self, FORMAT, LedgerNames, LedgerRow, RowState};
use crate::lock::Held;
use crate::plan::{self, Applied, Direction, Plan, Step};

/// Who is told of events; shared with the journal of a step.
pub(super) type Emit = Arc<dyn Fn(&Event) + Send + Sync>;

/// What a run was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Command<'t> {
    Upgrade(&'t str),
    /// One backfill, which is what an upgrade would defer.
    Backfill(&'t str),
    Downgrade(&'t str),
    /// One revision and no other; nothing if that is so already.
    Exactly(Direction, &'t str),
}

/// One run: the connection, the graph and the settings it works with.
pub(super) struct Run<'h, 'a> {
    pub(super) host: &'h mut dyn Host,
    /// Where more connections come from.
    pub(super) hosts: Option<&'h dyn Hosts>,
    pub(super) graph: &'a RevisionGraph,
    pub(super) options: &'a Options,
    pub(super) names: LedgerNames,
    pub(super) binary_version: &'a str,
    pub(super) emit: &'a Emit,
    /// How many transactions the caller had open already.
    pub(super) outer_depth: u32,
    busy_timeout: Option<String>,
    /// What puts the session's time limits back, while those of a step outside a transaction are in force.
    pub(super) session_limits: Option<String>,
    /// Whether foreign keys were enforced before, and are not now.
    pub(super) foreign_keys_off: bool,
    told_edited: bool,
    /// How many batches of backfills this process has committed.
    pub(super) batches: u64,
}

/// The ledger as far as this binary knows its revisions.
pub(super) struct Known {
    pub(super) applied: Applied,
    pub(super) unfinished: Vec<LedgerRow>,
    pub(super) rows: Vec<LedgerRow>,
}

impl<'h, 'a> Run<'h, 'a> {
    pub(super) fn new(
        host: &'h mut dyn Host,
        hosts: Option<&'h dyn Hosts>,
        graph: &'a RevisionGraph,
        options: &'a Options,
        binary_version: &'a str,
        emit: &'a Emit,
    ) -> Result<Self, Error> {
        let driver = host.driver();
        let outer_depth = driver
            .transaction_depth()
            .ok_or(Error::Database(diesel::result::Error::BrokenTransactionManager))?;
        let busy_timeout =
            (driver.dialect() == Dialect::Sqlite).then(|| busy_timeout(driver, options)).transpose()?;
        Ok(Self {
            host,
            hosts,
            graph,
            options,
            names: options.names.clone(),
            binary_version,
            emit,
            outer_depth,
            busy_timeout,
            session_limits: None,
            foreign_keys_off: false,
            told_edited: false,
            batches: 0,
        })
    }

    /// Puts back what the run changed on the connection.
    pub(super) fn restore(&mut self) {
        if let Some(before) = self.busy_timeout.take() {
            let _ = self.host.driver().batch(&format!("PRAGMA busy_timeout = {before}"));
        }
    }

    pub(super) fn emit(&self, event: &Event) {
        tell(self.emit, event);
    }

    /// Reads the ledger, `None` when there is none, and refuses one from a newer version.
    pub(super) fn read(&mut self) -> Result<Option<Vec<LedgerRow>>, Error> {
        let rows = ledger::read_rows(self.host.driver(), &self.names)?;
        let newest = rows.iter().flatten().max_by_key(|row| row.format);
        if let Some(row) = newest.filter(|row| row.format > FORMAT) {
            return Err(Error::NewerLedger {
                found: row.format,
                known: FORMAT,
                written_by: row.binary_version.clone(),
            });
        }
        Ok(rows)
    }

    /// Whether the ledger holds every revision of this binary, each simply applied, and no other (I5).
    ///
    /// Any other state, and any fault, is for the full read to find out and to tell.
    pub(super) fn is_complete(&mut self) -> Result<bool, Error> {
        let (driver, declarations) = self.host.parts();
        // A failed query would spoil the transaction that the caller has open.
        if driver.transaction_depth() != Some(0) {
            return Ok(false);
        }
        let (mut applied, mut is_plain, mut edited) = (0, true, Vec::new());
        // A row is looked for where it most likely is before it is searched: SQLite keeps the ledger by id,
        // PostgreSQL mostly as it was written, parents first.
        let by_id = driver.dialect() == Dialect::Sqlite;
        let mut position = 0..;
        let has_ledger = ledger::glance(driver, &self.names, &mut |revision, checksum| {
            let likely = position.next().filter(|&position| position < self.graph.len());
            let likely = likely.map(|position| if by_id { position } else { self.graph.order()[position] });
            let declaration = match likely {
                Some(node) if self.graph.id(node) == revision => declarations.nth(node),
                _ => declarations.declaration(revision),
            };
            let (Some(declaration), Some(checksum)) = (declaration, checksum) else {
                is_plain = false;
                return;
            };
            applied += 1;
            if !checksum.is_empty() && declaration.checksum.is_some_and(|now| now != checksum) {
                edited.push(declaration.revision);
            }
        })?;
        if !has_ledger || !is_plain || applied != self.graph.len() {
            return Ok(false);
        }
        edited.sort_unstable();
        for revision in edited {
            self.emit(&Event::Edited { revision: revision.to_owned() });
        }
        Ok(true)
    }

    /// Sorts the ledger's rows out, and refuses revisions that this binary does not know (I2).
    pub(super) fn known(&mut self, rows: Vec<LedgerRow>) -> Result<Known, Error> {
        let unknown: Vec<_> =
            rows.iter().filter(|row| !self.graph.contains(&row.revision)).cloned().collect();
        if !unknown.is_empty() {
            return Err(Error::Unknown { rows: unknown });
        }
        if !self.told_edited {
            self.told_edited = true;
            for row in rows.iter().filter(|row| self.is_edited(row)) {
                self.emit(&Event::Edited { revision: row.revision.clone() });
            }
        }
        // In the order of application, which decides where `downgrade -1` starts when there are several heads.
        let mut applied: Vec<_> = rows.iter().filter(|row| row.state != RowState::Running).collect();
        applied.sort_by(|a, b| (&a.applied_at, &a.revision).cmp(&(&b.applied_at, &b.revision)));
        let applied = Applied::new(self.graph, applied.iter().map(|row| row.revision.as_str()))?;
        let unfinished = rows.iter().filter(|row| row.state != RowState::Applied).cloned().collect();
        Ok(Known { applied, unfinished, rows })
    }

    /// Reads, plans and checks the plan; changes nothing.
    pub(super) fn plan(&mut self, command: Command<'_>) -> Result<Plan<'a>, Error> {
        let rows = self.read()?.unwrap_or_default();
        Ok(self.plan_from(command, rows)?.0)
    }

    pub(super) fn plan_from(
        &mut self,
        command: Command<'_>,
        rows: Vec<LedgerRow>,
    ) -> Result<(Plan<'a>, Known), Error> {
        let known = self.known(rows)?;
        let (plan, blocking) = match command {
            Command::Upgrade(target) => {
                let is_deferred = |revision: &str| self.is_deferred(revision);
                let plan = plan::upgrade_deferring(self.graph, &known.applied, target, is_deferred)?;
                (plan, RowState::Reverting)
            }
            Command::Backfill(target) => {
                (plan::upgrade(self.graph, &known.applied, target)?, RowState::Reverting)
            }
            Command::Downgrade(target) => {
                (plan::downgrade(self.graph, &self.begun(&known)?, target)?, RowState::Running)
            }
            Command::Exactly(Direction::Upgrade, revision) => {
                (alone(plan::upgrade(self.graph, &known.applied, revision)?, revision)?, RowState::Reverting)
            }
            Command::Exactly(Direction::Downgrade, revision) => {
                (alone(plan::undo(self.graph, &self.begun(&known)?, revision)?, revision)?, RowState::Running)
            }
        };
        let blocks = |row: &&LedgerRow| row.state == blocking && !self.is_half_done_backfill(row);
        if let Some(row) = known.unfinished.iter().find(blocks) {
            return Err(Error::Interrupted {
                revision: row.revision.clone(),
                state: row.state,
                applied_by: row.applied_by.clone(),
            });
        }
        self.preflight(&plan)?;
        Ok((plan, known))
    }

    fn preflight(&mut self, plan: &Plan<'_>) -> Result<(), Error> {
        let (driver, migrations) = self.host.parts();
        let one_transaction = self.options.single_transaction || self.outer_depth > 0;
        preflight(plan, driver.dialect(), self.options, one_transaction, migrations)
    }

    pub(super) fn migrate(&mut self, command: Command<'_>) -> Result<Report, Error> {
        if matches!(command, Command::Upgrade("heads")) && self.is_complete()? {
            let heads = self.graph.real_heads().into_iter().map(Into::into).collect();
            return Ok(Report { heads, ..Report::default() });
        }
        let rows = self.read()?;
        let has_ledger = rows.is_some();
        let (plan, known) = self.plan_from(command, rows.unwrap_or_default())?;
        if !has_ledger {
            self.refuse_unadopted()?;
        }
        if plan.steps.is_empty() {
            return Ok(nothing_done(&plan, &known));
        }
        // Told before anybody waits for a lock; what is planned under it is looked at again.
        self.refuse_unsafe(&plan)?;
        self.locked(|run, held| run.perform(command, held))
    }

    fn perform(&mut self, command: Command<'_>, held: &Held) -> Result<Report, Error> {
        self.begin_ledger()?;
        loop {
            let rows = self.read()?.unwrap_or_default();
            let (plan, known) = self.plan_from(command, rows)?;
            if plan.steps.is_empty() {
                return Ok(nothing_done(&plan, &known));
            }
            self.refuse_unsafe(&plan)?;
            match Steps::new(self, &plan, &known.rows, held).take()? {
                Flow::Finished(report) => return Ok(Report { deferred: deferred(&plan), ..report }),
                Flow::PlanAgain => {}
            }
        }
    }

    /// A busy SQLite file is another run that holds the write lock.
    pub(super) fn busy_or(&self, error: diesel::result::Error) -> Error {
        let busy = classify(&error) == FailureKind::LockTimeout;
        if busy && self.busy_timeout.is_some() {
            Error::Locked { waited: self.options.lock_wait, holder: None }
        } else {
            Error::Database(error)
        }
    }
}

/// Refuses a plan that holds other revisions than this one.
fn alone<'g>(plan: Plan<'g>, revision: &str) -> Result<Plan<'g>, Error> {
    let others = plan.steps.iter().map(Step::id).filter(|id| *id != revision);
    let others: Vec<_> = others.map(str::to_owned).collect();
    if others.is_empty() {
        return Ok(plan);
    }
    Err(Error::NotAlone { revision: revision.to_owned(), direction: plan.direction, others })
}

/// The report of a run that found nothing to do.
fn nothing_done(plan: &Plan<'_>, known: &Known) -> Report {
    let heads = known.applied.heads().into_iter().map(Into::into).collect();
    Report { heads, deferred: deferred(plan), ..Report::default() }
}

fn deferred(plan: &Plan<'_>) -> Box<[DeferredRevision]> {
    plan.deferred.iter().map(DeferredRevision::from).collect()
}

/// Logs an event and tells it.
pub(super) fn tell(emit: &Emit, event: &Event) {
    match event {
        Event::Edited { .. }
        | Event::Retrying { .. }
        | Event::RetryingOperation { .. }
        | Event::Rejected { .. }
        | Event::Resumed { .. }
        | Event::Reconnecting { .. }
        | Event::PieceTaken { .. }
        | Event::PieceLost { .. }
        | Event::LagUnknown { .. }
        | Event::OneWorker { .. } => {
            tracing::warn!(target: "migrate", "{event}");
        }
        Event::Finished { .. } | Event::Progress { .. } => tracing::debug!(target: "migrate", "{event}"),
        _ => tracing::info!(target: "migrate", "{event}"),
    }
    emit(event);
}

/// Makes an SQLite connection wait for other writers; returns what it did before.
fn busy_timeout(driver: &mut dyn Driver, options: &Options) -> Result<String, Error> {
    let wait = options.lock_wait.as_millis().min(i32::MAX as u128);
    // Not through the table-valued function: that one reads the schema, for which it does not wait yet.
    let before = driver.query("PRAGMA busy_timeout", &[])?;
    driver.batch(&format!("PRAGMA busy_timeout = {wait}"))?;
    Ok(before.into_iter().flatten().flatten().next().unwrap_or_else(|| "0".to_owned()))
}
