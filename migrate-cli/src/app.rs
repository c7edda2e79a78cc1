//! What a command works with.

use std::fmt::Display;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use migrate_core::connection::WaitError;
use migrate_core::ledger::LedgerNames;
use migrate_core::plan::Applied;
use migrate_core::runner::{Event, RetryOutcome, RevisionState, Status};
use migrate_core::{AnyConnection, Manifest, Migrator, Options};

use crate::args::{DeferArgs, GlobalArgs, RunArgs};
use crate::error::{self, CommandError, ErrorKind};
use crate::render::text::took;
use crate::settings::{self, Database, Origin};
use crate::ui::{Attention, Phase, Printer, World};
use crate::watch::Watch;

/// A server that says nothing for so long is worth a line.
const SILENCE: Duration = Duration::from_secs(5);

/// A step that takes longer than this is worth a line.
const SLOW: Duration = Duration::from_secs(2);

/// A command's surroundings: the migrations, the settings, the world and the printer.
pub(crate) struct App {
    pub(crate) manifest: Manifest,
    pub(crate) global: GlobalArgs,
    pub(crate) world: World,
    pub(crate) attention: Attention,
    pub(crate) printer: Printer,
    pub(crate) program: String,
}

/// What a command does with the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// It looks: a database file that does not exist is not created.
    Read,
    /// It changes things.
    Write,
}

impl App {
    /// The migrator over the linked migrations, telling its events.
    pub(crate) fn migrator(&self, run: Option<&RunArgs>) -> Result<Migrator<AnyConnection>, CommandError> {
        let migrator = Migrator::new(self.manifest).map_err(|error| error::migrator(&error))?;
        let (printer, watch) = (self.printer.clone(), Watch::new(self.printer.clone()));
        Ok(migrator.with_options(self.options(run)?).on_event(move |event| {
            if !watch.event(event) {
                tell(&printer, event);
            }
        }))
    }

    /// From now on Ctrl-C and SIGTERM end what a migrator of this command runs where it can be continued.
    pub(crate) fn heed_signals(&self) {
        self.enter(Phase::Running);
    }

    fn enter(&self, phase: Phase) {
        if let Err(error) = self.attention.enter(phase, &self.printer) {
            self.printer.warning(format_args!("Ctrl-C will end this run at once: {error}"));
        }
    }

    /// The same, with backfills left for later if the command line or the environment says so.
    pub(crate) fn migrator_deferring(
        &self,
        run: Option<&RunArgs>,
        defer: DeferArgs,
    ) -> Result<Migrator<AnyConnection>, CommandError> {
        let migrator = self.migrator(run)?;
        let defer_backfills = self.switch(settings::DEFER_BACKFILLS, defer.defer_backfills)?;
        let options = Options { defer_backfills, ..migrator.options().clone() };
        Ok(migrator.with_options(options))
    }

    fn switch(&self, name: &'static str, flag: Option<bool>) -> Result<bool, CommandError> {
        settings::switch(&self.world, name, flag).map_err(|error| error::settings(&error, self.package()))
    }

    fn options(&self, run: Option<&RunArgs>) -> Result<Options, CommandError> {
        let global = &self.global;
        let mut options = Options {
            names: LedgerNames::new(global.ledger_schema.clone(), global.ledger_prefix.clone()),
            lock: global.lock.into(),
            stop: self.attention.stop().clone(),
            safety: settings::safety(&self.world, &global.rules)
                .map_err(|error| error::settings(&error, self.package()))?,
            allow_tables: self.switch(settings::ALLOW_TABLES, None)?,
            ..Options::default()
        };
        if let Some(run) = run {
            options.lock_wait = run.lock_wait;
            options.lock_timeout = run.lock_timeout;
            options.statement_timeout = run.statement_timeout;
            options.retries = run.retries;
            options.single_transaction = run.single_transaction;
        }
        Ok(options)
    }

    /// Finds the database and opens it.
    pub(crate) fn connect(&self, access: Access) -> Result<(Database, AnyConnection), CommandError> {
        let database = self.database()?;
        let wait = settings::wait(&self.world, self.global.wait)
            .map_err(|error| error::settings(&error, self.package()))?;
        match &database.origin {
            Origin::Default => {
                self.printer.talk(format_args!("Using {}, as nothing names another database", database.url));
            }
            origin => self.printer.detail(format_args!("Using {} (from {origin})", database.url)),
        }
        if let Some(path) = self.absent_file(&database).filter(|_| access == Access::Read) {
            self.printer.detail(format_args!("{} does not exist yet", path.display()));
            let memory = migrate_core::connection::DatabaseUrl::parse("sqlite::memory:");
            let connection = memory.and_then(|memory| memory.connect());
            return connection
                .map(|connection| (database.clone(), connection))
                .map_err(|error| error::connecting(&error, &database, self.package()));
        }
        let opened = match wait {
            Some(limit) if !limit.is_zero() => self.wait(&database, limit),
            _ => database.url.connect().map_err(|error| error::connecting(&error, &database, self.package())),
        };
        Ok((database, opened?))
    }

    /// Opens a database whose server may still be starting; says when that begins, and when the server is there.
    fn wait(&self, database: &Database, limit: Duration) -> Result<AnyConnection, CommandError> {
        let (stop, mut told) = (self.attention.stop(), false);
        self.enter(Phase::Waiting);
        let began = Instant::now();
        let opened = database.url.connect_within(limit, |waiting| {
            if stop.is_set() {
                return ControlFlow::Break(());
            }
            // The first try may just take its time.
            if !told && (waiting.failure.is_some() || waiting.waited >= SILENCE) {
                told = true;
                let (url, reason) = (&database.url, error::briefly(waiting.failure));
                self.say_wait(format_args!("Waiting for {url}, {} at most: {reason}", took(limit)));
            }
            ControlFlow::Continue(())
        });
        self.enter(Phase::Short);
        let opened = if stop.is_set() { Err(WaitError::Stopped { waited: began.elapsed() }) } else { opened };
        if told && opened.is_ok() {
            self.say_wait(format_args!("The server is there, after {}", took(began.elapsed())));
        }
        opened.map_err(|error| error::waiting(&error, database, self.package()))
    }

    fn say_wait(&self, words: impl Display) {
        self.printer.talk(self.printer.talk_palette().notice(words));
    }

    /// Finds the database without opening it.
    pub(crate) fn database(&self) -> Result<Database, CommandError> {
        settings::database(&self.world, self.global.database_url.as_deref())
            .map_err(|error| error::settings(&error, self.package()))
    }

    /// The SQLite file that is not there yet, if the database is one.
    pub(crate) fn absent_file(&self, database: &Database) -> Option<PathBuf> {
        let path = self.world.directory.join(database.url.sqlite_path()?);
        let parent_exists = path.parent().is_some_and(Path::is_dir);
        (parent_exists && !path.exists()).then_some(path)
    }

    /// The package that cargo runs, for commands to type.
    fn package(&self) -> &str {
        match self.world.variable("CARGO") {
            Some(_) => self.world.variable("CARGO_PKG_NAME").unwrap_or(&self.program),
            None => &self.program,
        }
    }

    /// The program as a person types it.
    pub(crate) fn spoken(&self) -> String {
        spoken(&self.world, &self.program)
    }

    /// A path as it is shown: from here where that is shorter.
    pub(crate) fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.world.directory).unwrap_or(path)
    }

    /// Asks for a yes. Without a terminal nobody can answer, so `--yes` has to be given.
    pub(crate) fn confirm(&mut self, what: &str, question: &str) -> Result<(), CommandError> {
        if !self.world.stdin_is_terminal {
            return Err(CommandError::new(
                ErrorKind::Refused,
                "not_confirmed",
                format_args!("{what} needs a confirmation"),
            )
            .hint("there is no terminal to ask on: pass --yes"));
        }
        self.printer.ask(format_args!("{question} [y/N]"));
        let mut answer = String::new();
        let read = self.world.stdin.read_line(&mut answer);
        if !answer.ends_with('\n') {
            self.printer.say("");
        }
        if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(CommandError::new(ErrorKind::Refused, "not_confirmed", "not confirmed; nothing was changed"))
    }
}

/// The program as a person types it: through cargo, if cargo started it.
pub(crate) fn spoken(world: &World, program: &str) -> String {
    match (world.variable("CARGO"), world.variable("CARGO_PKG_NAME")) {
        (Some(_), Some(package)) => format!("cargo run -p {package} --"),
        _ => program.to_owned(),
    }
}

/// Tells what happens during a run, as it happens.
fn tell(printer: &Printer, event: &Event) {
    let palette = printer.talk_palette();
    match event {
        Event::Edited { .. } => printer.warning(event),
        // On a terminal somebody may be waiting; a log has its own clock.
        Event::Started { number, total, .. } if printer.talks_to_terminal() && *total > 1 => {
            printer.talk(format_args!("{} {event}", palette.faint(format_args!("[{number}/{total}]"))));
        }
        Event::Finished { duration, .. } if *duration >= SLOW => printer.talk(palette.faint(event)),
        Event::Waiting { .. }
        | Event::Rejected { .. }
        | Event::Retried { outcome: RetryOutcome::Failed { .. } | RetryOutcome::Gone, .. }
        | Event::Retrying { .. }
        | Event::RetryingOperation { .. }
        | Event::Resumed { .. }
        | Event::Paused { .. }
        | Event::HeldBack { .. }
        | Event::LagUnknown { .. }
        | Event::Reconnecting { .. }
        | Event::OneWorker { .. } => {
            printer.talk(palette.notice(event));
        }
        Event::Finished { .. }
        | Event::Progress { .. }
        | Event::Retried { .. }
        | Event::PieceTaken { .. }
        | Event::PieceLost { .. } => printer.detail(palette.faint(event)),
        _ => printer.talk(event),
    }
}

/// The applied set of a status, for looking at; what the ledger alone knows is left out.
pub(crate) fn applied(migrator: &Migrator<AnyConnection>, status: &Status) -> Applied {
    let ids = |state| status.in_state(state).map(|revision| revision.revision.as_str());
    let known = ids(RevisionState::Applied).chain(ids(RevisionState::Reverting));
    Applied::new(migrator.graph(), known)
        .unwrap_or_else(|_| Applied::from_rows(migrator.graph(), status.heads.iter().map(String::as_str)))
}
