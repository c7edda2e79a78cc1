//! Running migrations: decide first, then act.
//!
//! [`Migrator`] is the typed shell that an application or the command line holds. The work is done by
//! `run::Run`, which is not generic: it sees the connection as a [`Driver`](crate::connection::Driver) and a
//! migration's body as a callback, so it is compiled once.

mod adopt;
mod again;
mod all_at_once;
mod backfill;
mod backfills;
mod claim;
mod error;
mod event;
mod foreign_keys;
mod half_done;
mod host;
mod identity;
mod journal;
mod locked;
mod offline;
mod options;
mod preflight;
mod preview;
mod rehearse;
mod report;
mod retry;
mod run;
mod safety;
mod stamp;
mod status;
mod step;
mod tables;
mod unadopted;
mod verify;

use std::error::Error as StdError;
use std::sync::Arc;

pub use self::backfills::{BackfillCommand, BackfillState, BackfillStatus, WorkerStatus};
pub use self::error::{Error, MigratorError};
pub use self::event::Event;
use self::host::{Connection, Connector, Hosts, TypedHost, TypedHosts};
pub use self::options::{Options, StopFlag, Throttle};
pub use self::report::{BackfillProgress, DeferredRevision, Report, StampReport, StepReport};
pub use self::retry::{RetriedRow, RetryOutcome, RetryReport};
use self::run::{Command, Emit, Run};
pub use self::safety::RevisionFinding;
pub use self::status::{Filled, RevisionState, RevisionStatus, Status};
pub use self::unadopted::Unadopted;
pub use self::verify::{MakeError, ScratchDatabase, Verification, Verify, VerifyError};
pub use crate::adopt::OtherLedger;
use crate::adopt::{AdoptReport, Source};
use crate::connection::MigrationConnection;
use crate::graph::RevisionGraph;
pub use crate::ledger::RejectedRow;
pub use crate::lock::{LockHolder, LockMode};
use crate::plan::{Direction, Plan};
use crate::preview::Preview;
use crate::registry::{self, AnyEntry, Catalogue, Declaration, Manifest, Origin, Runnable};
use crate::rehearsal::{Limits, Rehearsal};
pub use crate::sqlite::BrokenForeignKeys;

/// The migrations of a manifest, ready to be run on connections of type `C`.
///
/// Holds no connection and no global state; it is `Send`, and one value serves any number of databases, one
/// after the other.
///
/// ```ignore
/// let report = Migrator::new(migrations_crate::MANIFEST)?
///     .on_event(|event| println!("{event}"))
///     .upgrade(&mut connection, "heads")?;
/// ```
pub struct Migrator<C: 'static> {
    graph: RevisionGraph,
    catalogue: Catalogue<C>,
    binary_version: String,
    options: Options,
    on_event: Emit,
    connect: Option<Arc<Connector<C>>>,
}

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "a method path is not general enough over the lifetime of the connection"
)]
impl<C: MigrationConnection> Migrator<C> {
    /// Takes the migrations of the manifest and builds their graph; nothing is opened.
    ///
    /// The manifest that `migrations!` emits refers to its migrations, so they are in every program that names it.
    /// For a manifest without them (one that was written by hand), those linked into the program are looked
    /// through.
    ///
    /// # Errors
    ///
    /// When a migration that the manifest names is not there, when two have one revision id, when one is written
    /// for another connection type, and when they form no graph (every fault is reported, not just the first).
    pub fn new(manifest: Manifest) -> Result<Self, MigratorError> {
        for declaration in registry::unlisted(&manifest) {
            let Declaration { revision, file, line, .. } = declaration;
            tracing::warn!(
                target: "migrate",
                "revision {revision} ({file}:{line}) is in no directory of `migrations!`: it is not run"
            );
        }
        Self::build(&manifest, Origin::Linked, registry::linked())
    }

    /// The same from lists of migrations alone, whatever the manifest carries and whatever is linked.
    ///
    /// For migrations that are made at run time, as a test does.
    pub fn from_entries(
        manifest: Manifest,
        entries: &[&[&'static dyn AnyEntry]],
    ) -> Result<Self, MigratorError> {
        Self::build(&manifest, Origin::Listed, entries.iter().copied().flatten().copied())
    }

    fn build(
        manifest: &Manifest,
        origin: Origin,
        entries: impl IntoIterator<Item = &'static dyn AnyEntry>,
    ) -> Result<Self, MigratorError> {
        let catalogue = registry::collect(manifest, origin, entries)?;
        let graph =
            RevisionGraph::new(catalogue.iter().map(|runnable| runnable.declaration().to_revision()))?;
        Ok(Self {
            graph,
            catalogue,
            binary_version: format!("{} {}", manifest.crate_name(), manifest.crate_version()),
            options: Options::default(),
            on_event: Arc::new(|_| ()),
            connect: None,
        })
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Calls `callback` with everything that happens, as it happens.
    ///
    /// Core itself never prints; it gives each event to `tracing` as well, with the target `migrate`.
    #[must_use]
    pub fn on_event(self, callback: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self { on_event: Arc::new(callback), ..self }
    }

    /// Says how to open more connections to the same database, as the same login: for the workers of a backfill beside
    /// the first, and in place of one that was lost.
    ///
    /// A connection that is lost in the middle of a backfill is replaced then, also the one that the run was given;
    /// settings that the caller made on it are gone.
    #[must_use]
    pub fn with_connector(
        self,
        connect: impl Fn() -> Result<C, Box<dyn StdError + Send + Sync>> + Send + Sync + 'static,
    ) -> Self {
        Self { connect: Some(Arc::new(connect)), ..self }
    }

    /// The graph of the migrations.
    pub fn graph(&self) -> &RevisionGraph {
        &self.graph
    }

    /// The options in force.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// What the attribute of a revision says.
    pub fn declaration(&self, revision: &str) -> Option<&'static Declaration> {
        self.catalogue.get(revision).map(Runnable::declaration)
    }

    /// Whether a revision is a backfill.
    pub fn is_backfill(&self, revision: &str) -> bool {
        self.catalogue.get(revision).is_some_and(|runnable| runnable.backfill().is_some())
    }

    /// What is applied, pending, unknown or edited: one SELECT, no DDL, no lock.
    ///
    /// While a backfill is half done, a second SELECT finds out how far it is.
    pub fn status(&self, connection: &mut C) -> Result<Status, Error> {
        self.run(connection, |run| run.status())
    }

    /// Refuses unless every revision is applied and every applied one known: one SELECT, no DDL, no lock.
    ///
    /// For applications that leave migrating to somebody else. With
    /// [`Options::defer_backfills`] a database is current if only what such an upgrade leaves is pending. One with
    /// tables and no ledger is [`Error::TablesWithoutLedger`], as it is for [`upgrade`](Self::upgrade).
    pub fn ensure_current(&self, connection: &mut C) -> Result<(), Error> {
        self.run(connection, |run| run.ensure_current())
    }

    /// The steps that [`upgrade`](Self::upgrade) would take now.
    pub fn plan_upgrade(&self, connection: &mut C, target: &str) -> Result<Plan<'_>, Error> {
        self.run(connection, |run| run.plan(Command::Upgrade(target)))
    }

    /// The steps that [`downgrade`](Self::downgrade) would take now.
    pub fn plan_downgrade(&self, connection: &mut C, target: &str) -> Result<Plan<'_>, Error> {
        self.run(connection, |run| run.plan(Command::Downgrade(target)))
    }

    /// What [`upgrade`](Self::upgrade) would do now: its steps, their statements, and what these do to others.
    ///
    /// Bodies are asked for their operations, and get no connection; nothing is written.
    pub fn preview_upgrade(&self, connection: &mut C, target: &str) -> Result<Preview<'_>, Error> {
        self.run(connection, |run| run.preview(Command::Upgrade(target)))
    }

    /// What [`downgrade`](Self::downgrade) would do now, as [`preview_upgrade`](Self::preview_upgrade) tells it.
    pub fn preview_downgrade(&self, connection: &mut C, target: &str) -> Result<Preview<'_>, Error> {
        self.run(connection, |run| run.preview(Command::Downgrade(target)))
    }

    /// Applies what the target needs.
    ///
    /// With nothing to do it costs one SELECT (I5). Otherwise it takes the run lock, reads the ledger again,
    /// plans again (I6) and runs the steps, each in a transaction with its ledger row (I3).
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] says what was done before the failure; the same call continues from there (I7).
    /// [`Error::TablesWithoutLedger`] before anything is written, see [`Options::allow_tables`].
    pub fn upgrade(&self, connection: &mut C, target: &str) -> Result<Report, Error> {
        self.run(connection, |run| run.migrate_again(Command::Upgrade(target)))
    }

    /// Works on one backfill until it is done, as one among any number of processes; begins it when all that it builds
    /// on is applied. `revision` is its id, or a unique beginning of it.
    ///
    /// The run lock is held only while the backfill is begun, so that other revisions can be applied meanwhile. On
    /// SQLite, which has one writer, a second process waits for the first.
    ///
    /// # Errors
    ///
    /// [`Error::NotABackfill`] and [`Error::NotNext`] before anything is done; later those of [`upgrade`](Self::upgrade).
    pub fn run_backfill(&self, connection: &mut C, revision: &str) -> Result<Report, Error> {
        self.run(connection, |run| run.backfill(revision))
    }

    /// Undoes what lies above the target.
    ///
    /// Refused before anything runs when it would cross an irreversible revision.
    pub fn downgrade(&self, connection: &mut C, target: &str) -> Result<Report, Error> {
        self.run(connection, |run| run.migrate(Command::Downgrade(target)))
    }

    /// Records revisions as applied, or no longer applied, without running anything.
    ///
    /// `purge` empties the ledger first: the way out when it holds revisions that this binary does not know.
    pub fn stamp(&self, connection: &mut C, targets: &[&str], purge: bool) -> Result<StampReport, Error> {
        self.run(connection, |run| run.stamp(targets, purge))
    }

    /// Records as applied what another tool has applied, as its own table in this database says.
    ///
    /// A [`Tool`](crate::adopt::Tool) is enough for a source: it means the table that the tool uses unless told otherwise.
    /// Each row stands for the revision with that id, and its time becomes the ledger's. All rows are written in one
    /// transaction, under the run lock; the tool's table is left as it is. What the ledger has already is no fault: a
    /// second adoption has nothing to do.
    ///
    /// # Errors
    ///
    /// [`Error::Adopt`] says why nothing was recorded.
    pub fn adopt(&self, connection: &mut C, source: impl Into<Source>) -> Result<AdoptReport, Error> {
        let source = source.into();
        self.run(connection, |run| run.adopt(&source))
    }

    /// What [`adopt`](Self::adopt) would record now, or refuse; writes nothing and takes no lock.
    pub fn adopt_preview(&self, connection: &mut C, source: impl Into<Source>) -> Result<AdoptReport, Error> {
        let source = source.into();
        self.run(connection, |run| run.adopt_preview(&source))
    }

    /// Does what comes next of a backfill on some of its rows, from several places of its table, and rolls it back.
    ///
    /// A number is enough for the limits: about so many rows, in three seconds at most. Takes no run lock, writes none
    /// of the framework's tables and leaves nothing behind, also when the process is killed; only sequences do not go
    /// back. It waits a second for a lock at most, and keeps its rows locked for little longer than its [`Limits`] say.
    ///
    /// # Errors
    ///
    /// [`Error::Rehearsal`] says why it cannot be done. What is wrong with the backfill or with rows is no error but a
    /// [`Finding`](crate::rehearsal::Finding).
    pub fn rehearse_backfill(
        &self,
        connection: &mut C,
        revision: &str,
        limits: impl Into<Limits>,
    ) -> Result<Rehearsal, Error> {
        self.run(connection, |run| run.rehearse(revision, limits.into()))
    }

    /// Applies or undoes one revision and no other; nothing if that is so already.
    pub(crate) fn exactly(
        &self,
        connection: &mut C,
        direction: Direction,
        revision: &str,
    ) -> Result<Report, Error> {
        self.run(connection, |run| run.migrate(Command::Exactly(direction, revision)))
    }

    /// Whether a revision is one of Diesel's SQL migrations.
    pub(crate) fn is_sql(&self, revision: &str) -> bool {
        self.declaration(revision).is_some_and(Declaration::is_diesel_sql)
    }

    fn run<'a, T>(
        &'a self,
        connection: &mut C,
        work: impl FnOnce(&mut Run<'_, 'a>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (catalogue, connect) = (&self.catalogue, self.connect.as_deref());
        let mut host = TypedHost { connection: Connection::Lent(connection), catalogue, connect };
        let hosts = connect.map(|connect| TypedHosts { catalogue, connect });
        let hosts = hosts.as_ref().map(|hosts| -> &dyn Hosts { hosts });
        let (options, emit) = (&self.options, &self.on_event);
        let mut run = Run::new(&mut host, hosts, &self.graph, options, &self.binary_version, emit)?;
        let outcome = work(&mut run);
        run.restore();
        outcome
    }
}
