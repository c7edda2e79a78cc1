//! A database that takes no writes: what reads works, and what writes says so.

use migrate_core::connection::Dialect;
use migrate_tests::backfills::{Append, checkpoint, create_items, history};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, Finished, Worker};

use super::command_line::PROGRAM;
use super::{stopped, upgrade};

/// The same database as one that nobody can write to; the URL of it.
fn read_only(database: &Database) -> String {
    if database.dialect() == Dialect::Sqlite {
        let (_, path) = database.url().split_once("//").expect("sqlite://");
        return format!("file:{path}?mode=ro");
    }
    let name = database.one("SELECT current_database()::text");
    database.execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on"));
    database.url().to_owned()
}

pub(super) fn run(url: &str, command: &str) -> Finished {
    let arguments: Vec<_> = command.split(' ').collect();
    Worker::start(PROGRAM, &arguments, &[("DATABASE_URL", url), ("MIGRATE_ALLOW_TABLES", "1")]).finish()
}

#[track_caller]
pub(super) fn reads(url: &str) {
    for command in ["current", "status", "history -i", "plan", "backfill list", "backfill status b1"] {
        let finished = run(url, command);
        assert_eq!(finished.status.code(), Some(0), "{command}: {}", finished.stderr);
    }
}

#[track_caller]
pub(super) fn refuses(url: &str, command: &str) {
    let Finished { status, stderr, .. } = run(url, command);
    assert!(matches!(status.code(), Some(13 | 14)), "{command}: {status} {stderr}");
    assert!(stderr.contains("hint: the database takes no writes: is it a replica"), "{command}: {stderr}");
    for wrong in ["at the beginning", "outside a transaction", "Resuming"] {
        assert!(!stderr.contains(wrong), "{command}: {stderr}");
    }
}

on_each_server! {
    fn one_without_a_ledger_can_be_looked_at(database: &Database) {
        create_items(database, 25);
        let url = read_only(database);
        reads(&url);
        for command in ["upgrade", "upgrade --defer-backfills", "stamp a1"] {
            refuses(&url, command);
        }
        assert!(!database.has_table("migrate_ledger"));
    }

    fn one_with_a_backfill_that_is_half_done_can_be_looked_at(database: &Database) {
        create_items(database, 25);
        stopped(upgrade(&history(Append::default().failing_at(&[21])), database));
        let (before, ledger) = (checkpoint(database), database.ledger_rows());
        let url = read_only(database);
        reads(&url);
        for command in [
            "upgrade",
            "backfill run",
            "backfill run b1 --dry-run",
            "backfill pause",
            "backfill cancel",
            "stamp a1",
            "downgrade base --yes",
        ] {
            refuses(&url, command);
        }
        assert_eq!((checkpoint(database), database.ledger_rows()), (before, ledger));
    }
}
