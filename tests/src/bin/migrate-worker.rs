//! `migrate-worker URL [--lock MODE] [--wait MS] [--workers N] [--journaled|--rebuilds|--backfill]
//! upgrade|downgrade|run|rehearse TARGET`: runs the migrations of `fixture`, `journaled`, `rebuilds` or `backfills`,
//! prints each event, and exits with 1 and the error on stderr when the run fails. `run` works on one backfill, and
//! `rehearse` on a sample of its rows. `--real NAME` runs the migrations of `real`, with the key of `QUAY_SECRET_KEY`.
//!
//! With `--no-tables` it refuses a database with tables and no ledger, as a program does by default.
//!
//! With `--audited FILE ROWS` in place of `--backfill` its batches have so many rows, and each is written down in the
//! file. `--peak` prints, last, the most memory that the process has had, in KiB.
//!
//! `migrate-worker own-server` starts a server of its own, prints its port and waits to be killed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to its test")]

use std::error::Error as StdError;
use std::process::ExitCode;
use std::time::Duration;

use migrate_core::connection::DatabaseUrl;
use migrate_core::runner::LockMode;
use migrate_core::{AnyConnection, Migrator, Options};
use migrate_tests::testkit::{Audit, Postgres, peak_memory};
use migrate_tests::{backfills, fixture, journaled, real, rebuilds};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("caused by: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn StdError>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("no URL")?;
    if url == "own-server" {
        let server = Postgres::own().setting("fsync", "off").start();
        println!("{}", server.port());
        std::thread::sleep(Duration::from_secs(600));
    }
    // A test's database has tables of the test's own in it, `applied_log` at least.
    let mut options =
        Options { lock_wait: Duration::from_secs(60), allow_tables: true, ..Options::default() };
    let (mut words, mut history, mut peak) = (Vec::new(), None, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--lock" => options.lock = lock_mode(&arguments.next().ok_or("no lock mode")?)?,
            "--wait" => {
                options.lock_wait = Duration::from_millis(arguments.next().ok_or("no time")?.parse()?);
            }
            "--no-tables" => options.allow_tables = false,
            "--journaled" => history = Some(journaled::migrator()),
            "--rebuilds" => history = Some(rebuilds::migrator()),
            "--backfill" => history = Some(backfills::migrator()),
            "--audited" => {
                let audit = Audit::at(arguments.next().ok_or("no file")?);
                let rows = arguments.next().ok_or("no number of rows")?.parse()?;
                history = Some(backfills::audited(audit, rows));
            }
            "--peak" => peak = true,
            "--workers" => options.workers = arguments.next().ok_or("no number")?.parse()?,
            "--real" => history = Some(real(&arguments.next().ok_or("no name")?)?),
            _ => words.push(argument),
        }
    }
    let [command, target] = words.as_slice() else { return Err("a command and a target, please".into()) };
    let migrator = match history {
        Some(migrator) => migrator,
        None => Migrator::<AnyConnection>::new(fixture::MANIFEST)?,
    };
    let migrator = migrator.with_options(options).on_event(|event| println!("{event}"));
    let url = DatabaseUrl::parse(&url)?;
    let mut connection = url.connect()?;
    let migrator = migrator.with_connector(move || Ok(url.connect()?));
    match command.as_str() {
        "upgrade" => migrator.upgrade(&mut connection, target)?,
        "run" => migrator.run_backfill(&mut connection, target)?,
        "downgrade" => migrator.downgrade(&mut connection, target)?,
        "rehearse" => {
            println!("rehearsed {}", migrator.rehearse_backfill(&mut connection, target, 1_000)?.rows);
            return Ok(());
        }
        _ => return Err(format!("unknown command {command}").into()),
    };
    if peak {
        println!("{}", peak_memory());
    }
    Ok(())
}

fn real(name: &str) -> Result<Migrator<AnyConnection>, Box<dyn StdError>> {
    Ok(match name {
        "open_webui" => real::open_webui::migrator(),
        "quay" => {
            if let Ok(key) = std::env::var("QUAY_SECRET_KEY") {
                let key = key.as_bytes().try_into().map_err(|_| "QUAY_SECRET_KEY has 32 characters")?;
                real::quay::configure(key);
            }
            real::quay::migrator()
        }
        "warehouse" => real::warehouse::migrator(),
        "whisperengine" => real::whisperengine::migrator(),
        _ => return Err(format!("unknown history {name}").into()),
    })
}

fn lock_mode(text: &str) -> Result<LockMode, String> {
    Ok(match text {
        "auto" => LockMode::Auto,
        "session" => LockMode::Session,
        "lease" => LockMode::Lease,
        "none" => LockMode::None,
        _ => return Err(format!("unknown lock mode {text}")),
    })
}
