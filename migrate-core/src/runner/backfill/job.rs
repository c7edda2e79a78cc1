//! What the workers of a process share.

use std::sync::atomic::{AtomicBool, Ordering};

use super::tally::Tally;
use crate::backfill::Settings;
use crate::ledger::{Facts, LedgerNames, Spans};
use crate::runner::event::Event;
use crate::runner::options::Options;
use crate::runner::run::{Emit, tell};

/// One backfill as the workers of this process work on it.
pub(super) struct Job<'j> {
    pub(super) facts: Facts<'j>,
    pub(super) settings: Settings,
    pub(super) names: LedgerNames,
    pub(super) options: &'j Options,
    pub(super) emit: &'j Emit,
    /// Whether nobody else can take part, because there is one writer or one transaction.
    pub(super) is_alone: bool,
    /// How many workers this process has.
    pub(super) workers: u32,
    pub(super) tally: Tally,
    halted: AtomicBool,
}

impl<'j> Job<'j> {
    pub(super) fn new(
        facts: Facts<'j>,
        settings: Settings,
        names: LedgerNames,
        options: &'j Options,
        emit: &'j Emit,
        is_alone: bool,
    ) -> Self {
        let workers = if is_alone { 1 } else { options.workers.max(1) };
        let (tally, halted) = (Tally::default(), AtomicBool::new(false));
        Self { facts, settings, names, options, emit, is_alone, workers, tally, halted }
    }

    pub(super) fn revision(&self) -> &'j str {
        self.facts.revision
    }

    pub(super) fn spans(&self) -> Spans<'_> {
        Spans::of(&self.names, self.facts.revision)
    }

    pub(super) fn emit(&self, event: &Event) {
        tell(self.emit, event);
    }

    /// Has all workers of this process end after their batch.
    pub(super) fn halt(&self) {
        self.halted.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed) || self.options.stop.is_set()
    }
}
