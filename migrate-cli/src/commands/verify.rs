use migrate_core::Migrator;
use migrate_core::catalog::{DifferenceOptions, ObjectName};
use migrate_core::connection::{AnyConnection, DatabaseUrl, Dialect};
use migrate_core::runner::{ScratchDatabase, Verification, Verify};

use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::difference;
use crate::render::json::VerificationDocument;
use crate::render::text::{count, list};
use crate::settings::Database;

/// Compare the database with what its revisions make of an empty one
#[derive(Debug, clap::Args)]
#[command(after_help = "\
On PostgreSQL the revisions run on a database that is made for that and dropped again, which takes the right to create
databases, or on the one of --scratch; on SQLite in memory. Rows, roles and privileges are not compared.")]
pub(crate) struct Args {
    #[command(flatten)]
    verify: VerifyArgs,
}

/// How two schemas are compared.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Verify")]
pub(crate) struct VerifyArgs {
    /// Build there what the revisions make: an empty database, which is emptied again (PostgreSQL)
    #[arg(long, value_name = "URL")]
    scratch: Option<String>,

    /// Pass over this table, or another object; may be repeated
    #[arg(long, value_name = "NAME")]
    ignore: Vec<ObjectName>,

    /// Pass over the names of constraints, and of the indexes behind them
    #[arg(long)]
    ignore_constraint_names: bool,
}

pub(crate) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let (database, mut connection) = app.connect(Access::Read)?;
    let verification = args.verify.run(app, &migrator, &database, &mut connection, &[], false)?;
    if app.printer.json() {
        app.printer.document(&VerificationDocument::new(&verification));
    }
    Ok(())
}

impl VerifyArgs {
    /// Whether one of them was given, which makes no sense without comparing.
    pub(super) fn is_given(&self) -> bool {
        self.scratch.is_some() || !self.ignore.is_empty() || self.ignore_constraint_names
    }

    /// Compares, and fails if the database is not what the revisions make.
    pub(super) fn run(
        &self,
        app: &App,
        migrator: &Migrator<AnyConnection>,
        database: &Database,
        connection: &mut AnyConnection,
        targets: &[&str],
        purge: bool,
    ) -> Result<Verification, CommandError> {
        let options = DifferenceOptions {
            // A column that was dropped and added again, or came with a dump, stands elsewhere and is the same.
            ignore_column_order: true,
            ignore_constraint_names: self.ignore_constraint_names,
        };
        let verify = Verify { targets, purge, ignore: self.ignore.clone(), difference: options };
        app.heed_signals();
        let verification = self.compare(app, migrator, database, connection, &verify)?;
        let printer = &app.printer;
        let place = super::upgrade::place(migrator, &verification.heads);
        if !verification.prepared.is_empty() {
            printer.talk(format_args!(
                "The revisions need what they do not make, put there beforehand: {}",
                list(&verification.prepared, 10)
            ));
        }
        if verification.difference.is_empty() {
            let tables = count(verification.tables, "table");
            printer.talk(format_args!("Verified: the database is what {place} makes it ({tables})"));
            return Ok(verification);
        }
        if printer.json() {
            printer.document(&VerificationDocument::new(&verification));
        } else {
            let palette = printer.palette();
            for line in difference::lines(&verification.difference, palette) {
                printer.data(line);
            }
        }
        Err(error::differs(&verification.difference, &place))
    }

    fn compare(
        &self,
        app: &App,
        migrator: &Migrator<AnyConnection>,
        database: &Database,
        connection: &mut AnyConnection,
        verify: &Verify<'_>,
    ) -> Result<Verification, CommandError> {
        let told = |error| error::running(&error, migrator.graph());
        let Some(url) = &self.scratch else {
            let scratch = ScratchDatabase::beside(&database.url).map_err(|error| error::scratch(&error))?;
            app.printer.detail(format_args!("Building on {}", scratch.url()));
            let opened = scratch.connect().map_err(|error| error::scratch(&error.into()));
            let outcome =
                opened.and_then(|mut opened| migrator.verify(connection, &mut opened, verify).map_err(told));
            let name = scratch.url().clone();
            if let Err(error) = scratch.remove() {
                app.printer.warning(format_args!("{name} could not be dropped: {error}"));
            }
            return outcome;
        };
        let url = DatabaseUrl::parse(url).map_err(|error| error::scratch(&error.into()))?;
        if url.dialect() != database.url.dialect() || url.dialect() != Dialect::Postgres {
            return Err(error::scratch_of_another_kind(url.dialect(), database.url.dialect()));
        }
        let mut opened = url.connect().map_err(|error| error::scratch(&error.into()))?;
        migrator
            .verify(connection, &mut opened, verify)
            .map_err(|error| told(error).redacted(|text| url.redact(text)))
    }
}
