use std::path::PathBuf;

use migrate_core::adopt::Tool;

use super::ledger::{self, LedgerArgs};
use crate::app::App;
use crate::error::CommandError;

/// The options for Alembic.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With --from the scripts are read as text: no Python is run. A body becomes operations where every statement of it has its
counterpart, else the SQL of --sql-from, else `unwritten(…)`, which `check` reports, with the Python above it.")]
pub(super) struct Args {
    /// Write revisions from Alembic's scripts in this directory
    #[arg(long, value_name = "DIR", conflicts_with = "table")]
    from: Option<PathBuf>,

    /// Write them to this directory instead of the crate's own
    #[arg(long, value_name = "DIR", requires = "from")]
    into: Option<PathBuf>,

    /// Take the SQL of bodies that are not plain from the output of `alembic upgrade base:heads --sql`; may be repeated,
    /// for `alembic downgrade heads:base --sql`
    #[arg(long, value_name = "FILE", requires = "from")]
    sql_from: Vec<PathBuf>,

    /// Say what a name of your application's stands for that scripts import, in Python with `sa` and `postgresql`:
    /// `app.types.Time=sa.DateTime(timezone=True)`; may be repeated
    #[arg(long = "let", value_name = "NAME=PYTHON", requires = "from")]
    lets: Vec<String>,

    /// Name what scripts leave unnamed as your metadata's `naming_convention` does: `pk=pk_%(table_name)s`; may be
    /// repeated, for `uq`, `ck`, `fk` and `ix`
    #[arg(long, value_name = "KIND=PATTERN", requires = "from")]
    naming: Vec<String>,

    /// Write over files that are there already
    #[arg(long, requires = "from")]
    force: bool,

    #[command(flatten)]
    ledger: LedgerArgs,
}

pub(super) fn run(app: &mut App, args: &Args) -> Result<(), CommandError> {
    match &args.from {
        Some(from) => files::run(app, args, from),
        None => ledger::run(app, Tool::Alembic, &args.ledger),
    }
}

#[cfg(not(feature = "adopt-alembic"))]
mod files {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::Args;
    use crate::app::App;
    use crate::error::{CommandError, ErrorKind};

    pub(super) fn run(_app: &App, args: &Args, from: &Path) -> Result<(), CommandError> {
        let message = "this program was built without what reads Alembic's scripts";
        let again = again(args, from);
        Err(CommandError::new(ErrorKind::Usage, "no_alembic", message).hint(format_args!(
            "build it in for this once: cargo run -p migrations --features migrate-cli/adopt-alembic -- {again}"
        )))
    }

    /// The command as it was typed.
    fn again(args: &Args, from: &Path) -> String {
        let mut again = format!("adopt alembic --from {}", from.display());
        let into = args.into.iter().map(|path| ("--into", path));
        for (option, path) in into.chain(args.sql_from.iter().map(|path| ("--sql-from", path))) {
            let _ = write!(again, " {option} {}", path.display());
        }
        for (option, given) in [("--force", args.force), ("--dry-run", args.ledger.is_dry_run())] {
            again.push_str(if given { " " } else { "" });
            again.push_str(if given { option } else { "" });
        }
        again
    }
}

#[cfg(feature = "adopt-alembic")]
mod files {
    use std::path::Path;

    use super::Args;
    use crate::alembic::{Conversion, Request, Source, convert, write};
    use crate::app::App;
    use crate::error::{self, CommandError};
    use crate::render::json::ConversionDocument;
    use crate::render::text::count;

    /// How many bodies that are to be written are told one by one.
    const SHOWN: usize = 20;

    pub(super) fn run(app: &App, args: &Args, from: &Path) -> Result<(), CommandError> {
        let here = &app.world.directory;
        let into = args.into.as_deref().unwrap_or(Path::new(app.manifest.source_dir()));
        let request = Request {
            from: here.join(from),
            into: here.join(into),
            sql: args.sql_from.iter().map(|path| here.join(path)).collect(),
            lets: args.lets.clone(),
            naming: args.naming.clone(),
            force: args.force,
            now: app.world.now,
        };
        let conversions = convert(&request).map_err(|error| error::converting(&error))?;
        let dry_run = args.ledger.is_dry_run();
        if !dry_run {
            write(&conversions, &request.into).map_err(|error| error::converting(&error))?;
        }
        tell(app, &conversions, dry_run, !args.sql_from.is_empty());
        Ok(())
    }

    fn tell(app: &App, conversions: &[Conversion], dry_run: bool, has_sql: bool) {
        let printer = &app.printer;
        if printer.json() {
            printer.document(&ConversionDocument::new(conversions, dry_run));
        } else {
            for conversion in conversions {
                printer.data(app.shown(&conversion.path).display());
            }
        }
        let bodies = || conversions.iter().flat_map(|conversion| [&conversion.up, &conversion.down]);
        let unwritten: Vec<_> = conversions
            .iter()
            .flat_map(|it| [(it, "upgrade", &it.up), (it, "downgrade", &it.down)])
            .filter_map(|(conversion, direction, source)| match source {
                Source::Unwritten(why) => Some((conversion.revision.as_str(), direction, why)),
                _ => None,
            })
            .collect();
        for (revision, direction, why) in unwritten.iter().take(SHOWN) {
            printer.talk(format_args!("{} {direction}: {why}", printer.talk_palette().name(revision)));
        }
        if unwritten.len() > SHOWN {
            printer.talk(format_args!("and {} more", unwritten.len() - SHOWN));
        }
        let number = |of: &dyn Fn(&Source) -> bool| bodies().filter(|source| of(source)).count();
        let kinds = [
            (number(&|source| *source == Source::Operations), "as operations"),
            (number(&|source| *source == Source::Sql), "as SQL"),
            (number(&|source| *source == Source::Nothing), "empty"),
            (number(&|source| *source == Source::Irreversible), "irreversible"),
            (unwritten.len(), "to be written"),
        ];
        let kinds: Vec<_> = kinds
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, kind)| format!("{number} {kind}"))
            .collect();
        let done = if dry_run { "Would write" } else { "Wrote" };
        let revisions = count(conversions.len(), "revision");
        printer.talk(format_args!("{done} {revisions}, of {} bodies {}", bodies().count(), kinds.join(", ")));
        let unnamed: usize = conversions.iter().map(|conversion| conversion.unnamed).sum();
        if unnamed > 0 {
            let constraints = count(unnamed, "constraint");
            printer.hint(format_args!(
                "the scripts leave {constraints} unnamed; if your metadata has a `naming_convention`, give it with --naming"
            ));
        }
        if dry_run {
            return;
        }
        if !unwritten.is_empty() && !has_sql {
            printer.hint("for their SQL: alembic upgrade base:heads --sql > upgrade.sql, and --sql-from upgrade.sql --force");
        }
        if unwritten.is_empty() {
            printer
                .hint(format_args!("build, then on a database of Alembic's: {} adopt alembic", app.spoken()));
        } else {
            printer.hint(format_args!(
                "build, then for what is to be written: {} check --only todo --no-db",
                app.spoken()
            ));
        }
    }
}
