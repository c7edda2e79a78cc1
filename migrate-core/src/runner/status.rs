use crate::number::grouped;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::error::Error;
use super::run::Run;
use super::unadopted::Unadopted;
use crate::ledger::{self, CheckpointState, Extent, LedgerRow, RowState};
use crate::plan::{self, Applied, Deferred};

/// What a database holds, compared with what this binary knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Every revision of the graph, parents first, then those that only the ledger knows, by id.
    pub revisions: Vec<RevisionStatus>,
    /// The current heads: the maximal applied revisions, sorted.
    pub heads: Vec<String>,
    /// Whether the database has a ledger at all.
    pub has_ledger: bool,
    /// The tables of a database without a ledger, which an upgrade would refuse; see
    /// [`Options::allow_tables`](super::Options::allow_tables).
    pub unadopted: Option<Unadopted>,
}

/// One revision's state in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionStatus {
    /// The revision id.
    pub revision: String,
    /// Its state.
    pub state: RevisionState,
    /// Whether its source changed after it was applied.
    pub edited: bool,
    /// Its ledger row, unless it is pending.
    pub row: Option<LedgerRow>,
    /// Whether it is a backfill.
    pub is_backfill: bool,
    /// Whether it is a backfill that can run now, or is half done: all that it needs is applied.
    pub is_due: bool,
    /// The backfills that are due and that it needs, by id.
    pub waits_for: Vec<String>,
    /// How far it is, when it is a backfill that is half done.
    pub filled: Option<Filled>,
}

/// How far a backfill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filled {
    /// The rows that are changed.
    pub rows: u64,
    /// The rows that were put aside.
    pub rejected: u64,
    /// How many rows there were to change when it began, if that was counted.
    pub total: Option<u64>,
    /// What it is doing: `running`, or `paused` and `cancelled` if somebody said so. Whether a process is at work right
    /// now is another question.
    pub state: &'static str,
}

/// `40,000 of 100,000 rows`, with what is unusual about it.
impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(self.rows))?;
        if let Some(total) = self.total {
            write!(f, " of {}", grouped(total))?;
        }
        f.write_str(if self.rows == 1 && self.total.is_none() { " row" } else { " rows" })?;
        if self.rejected > 0 {
            write!(f, ", {} put aside", grouped(self.rejected))?;
        }
        if self.state == CheckpointState::Running.as_str() { Ok(()) } else { write!(f, ", {}", self.state) }
    }
}

/// Where a revision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevisionState {
    /// Applied.
    Applied,
    /// Known and not applied.
    Pending,
    /// In the middle of a step outside a transaction that did not finish, or a backfill that is half done.
    Running,
    /// In the middle of being undone outside a transaction.
    Reverting,
    /// In the ledger, but not in this binary.
    Unknown,
}

impl Status {
    /// The revisions in a state, in order.
    pub fn in_state(&self, state: RevisionState) -> impl Iterator<Item = &RevisionStatus> {
        self.revisions.iter().filter(move |revision| revision.state == state)
    }

    /// The backfills that are due, and what waits for them.
    pub fn deferred(&self) -> impl Iterator<Item = &RevisionStatus> {
        self.revisions.iter().filter(|revision| revision.is_due || !revision.waits_for.is_empty())
    }

    /// Whether all is applied but the backfills that are due and what waits for them: what
    /// [`ensure_current`](super::Migrator::ensure_current) takes for current with
    /// [`Options::defer_backfills`](super::Options::defer_backfills).
    #[must_use]
    pub fn is_current_but_for_backfills(&self) -> bool {
        self.revisions.iter().all(|revision| {
            let waits = revision.is_due || !revision.waits_for.is_empty();
            revision.state == RevisionState::Applied || waits
        })
    }

    /// Whether every known revision is applied and every applied one known.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.revisions.iter().all(|revision| revision.state == RevisionState::Applied)
    }
}

impl From<Extent> for Filled {
    fn from(extent: Extent) -> Self {
        let Extent { state, rows, rejected, total } = extent;
        Self { rows, rejected, total, state: state.as_str() }
    }
}

impl Run<'_, '_> {
    pub(super) fn status(&mut self) -> Result<Status, Error> {
        let rows = self.read()?;
        let has_ledger = rows.is_some();
        let unadopted = if has_ledger { None } else { self.unadopted()? };
        let mut rows: BTreeMap<_, _> =
            rows.unwrap_or_default().into_iter().map(|row| (row.revision.clone(), row)).collect();
        let applied: BTreeSet<String> = rows
            .values()
            .filter(|row| row.state != RowState::Running && self.graph.contains(&row.revision))
            .map(|row| row.revision.clone())
            .collect();
        let heads: Vec<_> = self.graph.maximal(applied.iter().map(String::as_str));
        let filled = self.filled(rows.values())?;
        let mut waiting = self.waiting(&applied, &heads);
        let heads = heads.into_iter().map(str::to_owned).collect();
        let mut revisions = Vec::with_capacity(self.graph.len());
        for revision in self.graph.topological() {
            let row = rows.remove(&*revision.id);
            let state = match row.as_ref().map(|row| row.state) {
                None => RevisionState::Pending,
                Some(RowState::Applied) => RevisionState::Applied,
                Some(RowState::Running) => RevisionState::Running,
                Some(RowState::Reverting) => RevisionState::Reverting,
            };
            let edited = row.as_ref().is_some_and(|row| self.is_edited(row));
            let waiting = waiting.remove(revision.id.as_ref());
            revisions.push(RevisionStatus {
                revision: revision.id.to_string(),
                state,
                edited,
                row,
                is_backfill: self.host.backfill(&revision.id).is_some(),
                is_due: waiting.as_ref().is_some_and(Vec::is_empty),
                waits_for: waiting.unwrap_or_default(),
                filled: filled.get(&*revision.id).copied(),
            });
        }
        revisions.extend(rows.into_iter().map(|(revision, row)| RevisionStatus {
            revision,
            state: RevisionState::Unknown,
            edited: false,
            row: Some(row),
            is_backfill: false,
            is_due: false,
            waits_for: Vec::new(),
            filled: None,
        }));
        Ok(Status { revisions, heads, has_ledger, unadopted })
    }

    /// The backfills that are due, with nothing, and whatever waits for them, with those that it waits for.
    fn waiting(&self, applied: &BTreeSet<String>, heads: &[&str]) -> BTreeMap<&str, Vec<String>> {
        let is_backfill = |revision: &str| self.host.backfill(revision).is_some();
        let before = Applied::from_rows(self.graph, heads.iter().copied());
        // Of a ledger that no plan can be made from, the rest of the status says what is wrong.
        let Ok(plan) = plan::upgrade_deferring(self.graph, &before, "heads", is_backfill) else {
            return BTreeMap::new();
        };
        let has_all_it_needs = |revision: &str| {
            let mut needs = self.graph.parents(revision).chain(self.graph.dependencies(revision));
            needs.all(|need| applied.contains(need))
        };
        let due = |found: Deferred<'_>| {
            let waits_for: Vec<_> =
                found.waits_for.iter().filter(|id| has_all_it_needs(id)).map(ToString::to_string).collect();
            let is_due = found.waits_for.is_empty() && has_all_it_needs(found.revision);
            (is_due || !waits_for.is_empty()).then_some(waits_for)
        };
        plan.deferred.into_iter().filter_map(|found| Some((found.revision, due(found)?))).collect()
    }

    /// How far the backfills are that are half done; asked only when there is one.
    pub(super) fn filled<'r>(
        &mut self,
        mut rows: impl Iterator<Item = &'r LedgerRow>,
    ) -> Result<BTreeMap<String, Filled>, Error> {
        if !rows.any(|row| self.is_half_done_backfill(row)) {
            return Ok(BTreeMap::new());
        }
        let extents = ledger::extents(self.host.driver(), &self.names)?;
        let open = extents.into_iter().filter(|(_, extent)| extent.state != CheckpointState::Done);
        Ok(open.map(|(revision, extent)| (revision, Filled::from(extent))).collect())
    }

    pub(super) fn ensure_current(&mut self) -> Result<(), Error> {
        if self.is_complete()? {
            return Ok(());
        }
        let rows = self.read()?;
        if rows.is_none() {
            self.refuse_unadopted()?;
        }
        let state = self.known(rows.unwrap_or_default())?;
        let defers = self.options.defer_backfills;
        let blocks = |row: &&LedgerRow| !(defers && self.is_half_done_backfill(row));
        if let Some(row) = state.unfinished.iter().find(blocks) {
            return Err(Error::Interrupted {
                revision: row.revision.clone(),
                state: row.state,
                applied_by: row.applied_by.clone(),
            });
        }
        let is_deferred = |revision: &str| self.is_deferred(revision);
        let plan = plan::upgrade_deferring(self.graph, &state.applied, "heads", is_deferred)?;
        let pending: Vec<_> = plan.steps.iter().map(|step| step.id().to_owned()).collect();
        if pending.is_empty() { Ok(()) } else { Err(Error::NotCurrent { pending }) }
    }

    pub(super) fn is_edited(&self, row: &LedgerRow) -> bool {
        let declared = self.host.declaration(&row.revision).and_then(|declaration| declaration.checksum);
        matches!((declared, row.checksum.as_deref()), (Some(now), Some(then)) if now != then)
    }
}
