use migrate_core::adopt::{AdoptReport, Source, Tool};
use migrate_core::catalog::ObjectName;
use migrate_core::{AnyConnection, Migrator};

use super::super::upgrade::place;
use crate::app::{Access, App};
use crate::error::{self, CommandError};
use crate::render::json::AdoptDocument;
use crate::render::text::{count, list};
use crate::ui::{Cell, Column, Table};

/// The options for a tool's table.
#[derive(Debug, clap::Args)]
pub(super) struct LedgerArgs {
    /// Show what would be recorded, or written, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Read this table, where the tool was told to use another one than its own: `versions`, `app.versions`
    #[arg(long, value_name = "TABLE")]
    table: Option<ObjectName>,
}

impl LedgerArgs {
    /// Whether nothing is to be changed.
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run
    }
}

pub(super) fn run(app: &mut App, tool: Tool, args: &LedgerArgs) -> Result<(), CommandError> {
    let migrator = app.migrator(None)?;
    let source = Source::from(tool);
    let source = match &args.table {
        Some(table) => source.with_table(table.clone()),
        None => source,
    };
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let (_, mut connection) = app.connect(access)?;
    let report = if args.dry_run {
        migrator.adopt_preview(&mut connection, source.clone())
    } else {
        migrator.adopt(&mut connection, source.clone())
    };
    let report = report.map_err(|error| error::running(&error, migrator.graph()))?;
    if app.printer.json() {
        app.printer.document(&AdoptDocument::new(&source, &report, args.dry_run));
    } else if args.dry_run {
        show(app, &migrator, &report);
    }
    tell(app, &migrator, &source, &report, args.dry_run);
    Ok(())
}

/// What would be recorded, a line each.
fn show(app: &App, migrator: &Migrator<AnyConnection>, report: &AdoptReport) {
    let (printer, palette) = (&app.printer, app.printer.palette());
    let mut table = Table::new(vec![Column::Left, Column::Left, Column::Flexible]);
    for adopted in &report.adopted {
        let message = migrator.declaration(&adopted.revision).map_or("", |declared| declared.message);
        table.row(vec![
            Cell::styled(adopted.revision.clone(), move |text| palette.name(text)),
            Cell::new(adopted.applied_at.as_deref().map(error::when).unwrap_or_default()),
            Cell::new(message),
        ]);
    }
    for line in table.lines(printer.width()) {
        printer.data(line);
    }
}

fn tell(app: &App, migrator: &Migrator<AnyConnection>, source: &Source, report: &AdoptReport, dry_run: bool) {
    let (printer, tool) = (&app.printer, source.tool);
    let here = place(migrator, &report.heads);
    let revisions: Vec<_> = report.adopted.iter().map(|adopted| adopted.revision.clone()).collect();
    let number = count(revisions.len(), "revision");
    if revisions.is_empty() && report.agreeing.is_empty() {
        printer
            .talk(format_args!("Nothing to do: {tool} has applied nothing here, {} is empty", source.table));
    } else if revisions.is_empty() {
        printer.talk(format_args!("Nothing to do: the ledger has what {tool} has applied, and is at {here}"));
    } else if dry_run {
        printer.talk(format_args!("{number} would be recorded as applied; then at {here}"));
    } else {
        printer.talk(format_args!("{number} recorded as applied: {}", list(&revisions, 5)));
        printer.talk(printer.talk_palette().good(format_args!("Done: now at {here}")));
        printer.hint(format_args!(
            "{} is left as it is; from now on migrate with `{} upgrade`, and no more with {tool}",
            source.table,
            app.spoken()
        ));
    }
}
