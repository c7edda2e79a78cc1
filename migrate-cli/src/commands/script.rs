//! `--sql`: what `upgrade`, `downgrade` and `stamp` print instead of running it.

use migrate_core::Migrator;
use migrate_core::connection::{AnyConnection, Dialect};
use migrate_core::offline::Script;
use migrate_core::runner::Error;

use crate::app::App;
use crate::args::Server;
use crate::error::{self, CommandError};
use crate::render::deferred::LeftForLater;
use crate::render::json::ScriptDocument;
use crate::settings::Origin;

/// Options of the commands that can print SQL.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Script")]
pub(crate) struct ScriptArgs {
    /// Print the SQL instead of running it, without a database; the target may be a range: `4f1c:heads`
    #[arg(long)]
    sql: bool,

    /// Write it for this server, whatever the database is
    #[arg(long, value_name = "NAME", requires = "sql")]
    dialect: Option<Server>,
}

impl ScriptArgs {
    /// Prints a script if one was asked for; whether it was.
    pub(super) fn print(
        &self,
        app: &App,
        migrator: &Migrator<AnyConnection>,
        write: impl FnOnce(Dialect) -> Result<Script, Error>,
    ) -> Result<bool, CommandError> {
        if !self.sql {
            return Ok(false);
        }
        let script = write(self.dialect(app)?).map_err(|error| error::running(&error, migrator.graph()))?;
        let printer = &app.printer;
        if printer.json() {
            printer.document(&ScriptDocument::new(&script));
        } else {
            printer.raw(&script.to_string());
        }
        warn(app, &script);
        Ok(true)
    }

    fn dialect(&self, app: &App) -> Result<Dialect, CommandError> {
        if let Some(server) = self.dialect {
            return Ok(server.into());
        }
        let database = app.database()?;
        let dialect = database.url.dialect();
        if database.origin == Origin::Default {
            app.printer.talk(format_args!(
                "Written for {dialect}, as nothing names another database: --dialect does"
            ));
        }
        Ok(dialect)
    }
}

/// Says what the script leaves to a person.
fn warn(app: &App, script: &Script) {
    let printer = &app.printer;
    let left = LeftForLater::of_report(&script.deferred);
    if !left.is_empty() {
        printer.talk(printer.talk_palette().notice(format_args!("Left out of the script: {}", left.words())));
    }
    for step in &script.steps {
        let revision = &step.revision;
        match &step.gap {
            Some(gap) => printer.warning(format_args!(
                "the script stops at {revision}, which {gap}; the script says how to go on"
            )),
            None => step.rust.iter().for_each(|description| {
                printer.warning(format_args!(
                    "`{description}` in {revision} is Rust and not in the script, which records the revision all the same"
                ));
            }),
        }
    }
}
