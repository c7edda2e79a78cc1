use super::error::Error;
use super::run::Run;
use crate::ledger::{LedgerRow, RowState};

/// What a database holds, compared with what this binary knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Every revision of the graph, parents first, then those that only the ledger knows, by id.
    pub revisions: Vec<RevisionStatus>,
    /// The current heads: the maximal applied revisions, sorted.
    pub heads: Vec<String>,
    /// Whether the database has a ledger at all.
    pub has_ledger: bool,
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
}

/// Where a revision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevisionState {
    /// Applied.
    Applied,
    /// Known and not applied.
    Pending,
    /// In the middle of a step outside a transaction that did not finish.
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

    /// Whether every known revision is applied and every applied one known.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.revisions.iter().all(|revision| revision.state == RevisionState::Applied)
    }
}

impl Run<'_, '_> {
    pub(super) fn status(&mut self) -> Result<Status, Error> {
        let rows = self.read()?;
        let has_ledger = rows.is_some();
        let mut rows: std::collections::BTreeMap<_, _> =
            rows.unwrap_or_default().into_iter().map(|row| (row.revision.clone(), row)).collect();
        let applied: Vec<_> = rows
            .values()
            .filter(|row| row.state != RowState::Running && self.graph.contains(&row.revision))
            .map(|row| row.revision.as_str())
            .collect();
        let heads = self.graph.maximal(applied).into_iter().map(str::to_owned).collect();
        let mut revisions = Vec::with_capacity(self.graph.len());
        for revision in self.graph.topological() {
            let row = rows.remove(&revision.id);
            let state = match row.as_ref().map(|row| row.state) {
                None => RevisionState::Pending,
                Some(RowState::Applied) => RevisionState::Applied,
                Some(RowState::Running) => RevisionState::Running,
                Some(RowState::Reverting) => RevisionState::Reverting,
            };
            let edited = row.as_ref().is_some_and(|row| self.is_edited(row));
            revisions.push(RevisionStatus { revision: revision.id.clone(), state, edited, row });
        }
        revisions.extend(rows.into_iter().map(|(revision, row)| RevisionStatus {
            revision,
            state: RevisionState::Unknown,
            edited: false,
            row: Some(row),
        }));
        Ok(Status { revisions, heads, has_ledger })
    }

    pub(super) fn ensure_current(&mut self) -> Result<(), Error> {
        if self.is_complete()? {
            return Ok(());
        }
        let rows = self.read()?.unwrap_or_default();
        let state = self.known(rows)?;
        if let Some(row) = state.unfinished.first() {
            return Err(Error::Interrupted {
                revision: row.revision.clone(),
                state: row.state,
                applied_by: row.applied_by.clone(),
            });
        }
        let pending: Vec<_> = self
            .graph
            .topological()
            .filter(|revision| !state.applied.contains(&revision.id))
            .map(|revision| revision.id.clone())
            .collect();
        if pending.is_empty() { Ok(()) } else { Err(Error::NotCurrent { pending }) }
    }

    pub(super) fn is_edited(&self, row: &LedgerRow) -> bool {
        let declared = self.host.declaration(&row.revision).and_then(|declaration| declaration.checksum);
        matches!((declared, row.checksum.as_deref()), (Some(now), Some(then)) if now != then)
    }
}
