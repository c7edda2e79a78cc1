use std::collections::BTreeSet;

use migrate_core::connection::Driver as _;
use migrate_tests::backfills::rejected;
use migrate_tests::on_each_server;
use migrate_tests::real::warehouse::data::{Release, insert, release};
use migrate_tests::real::warehouse::{BACKFILL, BASE, migrator};
use migrate_tests::testkit::Database;

use super::beside::{Write, upgrade_beside};
use super::killed::upgrade_killed;
use super::{FEW, ROWS, assert_same, downgrade, in_full, prepare, upgrade};

const DONE: &str = "SELECT CAST(count(is_prerelease) AS text) FROM releases";

fn flags(database: &Database) -> Vec<String> {
    database.column(
        "SELECT name || '/' || version || '/' || CASE is_prerelease WHEN true THEN 'pre' WHEN false THEN 'final' \
         ELSE 'undecided' END FROM releases",
    )
}

fn flag(release: &Release) -> String {
    let flag = match release.is_prerelease {
        Some(true) => "pre",
        Some(false) => "final",
        None => "undecided",
    };
    format!("{}/{}/{flag}", release.name, release.version)
}

fn expected(count: u32) -> Vec<String> {
    (0..count).map(|number| flag(&release(number))).collect()
}

/// A release that the old code uploads.
enum Upload {
    New(Release),
    Deleted(u32),
}

on_each_server! {
    fn each_version_is_parsed_as_an_independent_computation_says(database: &Database) {
        prepare(database, &migrator(), BASE, insert, ROWS);
        let report = upgrade(&migrator(), database, BACKFILL).unwrap();
        let progress = report.steps.last().unwrap().backfill.clone().unwrap();
        assert_eq!((progress.rows, progress.rejected), (u64::from(ROWS - ROWS / 2_500), u64::from(ROWS / 2_500)));
        assert_same(flags(database), expected(ROWS));
    }

    fn a_process_that_is_killed_loses_no_row(database: &Database) {
        prepare(database, &migrator(), BASE, insert, ROWS);
        upgrade_killed(database, "warehouse", BACKFILL, DONE);
        assert_same(flags(database), expected(ROWS));
        assert_eq!(rejected(database).len(), ROWS as usize / 2_500);
    }

    fn a_version_that_is_none_is_not_guessed_and_not_null_waits_for_it(database: &Database) {
        prepare(database, &migrator(), BASE, insert, FEW);
        let error = upgrade(&migrator(), database, "heads").unwrap_err();
        assert!(in_full(&error).to_lowercase().contains("is_prerelease"), "{}", in_full(&error));
        assert_same(flags(database), expected(FEW));
        let bad: Vec<_> = (0..FEW).map(release).filter(|it| it.is_prerelease.is_none()).collect();
        let line = |it: &Release| {
            let key = serde_json::to_string(&(&it.name, &it.version)).unwrap();
            format!("{key} rejected 1 `{}` is no version of PEP 440", it.version)
        };
        assert_same(rejected(database), bad.iter().map(line).collect());
        // Somebody decides.
        database.execute("UPDATE releases SET is_prerelease = false WHERE is_prerelease IS NULL");
        upgrade(&migrator(), database, "heads").unwrap();
        database.execute("INSERT INTO releases (name, version) VALUES ('new', '1.0')");
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM releases WHERE is_prerelease IS NULL"), "0");
    }

    fn uploads_of_the_old_code_cannot_make_not_null_fail(database: &Database) {
        let rows = 20_000;
        prepare(database, &migrator(), BASE, insert, rows);
        let uploads: Write<Upload> = Box::new(move |conn, number| {
            // Behind the backfill and before it.
            let name = format!("project-{:05}", fastrand::u32(..rows / 9));
            let is_pre = number % 3 == 0;
            let version = format!("99.{number}{}", if is_pre { "rc1" } else { "" });
            let binds = [Some(name.as_str()), Some(version.as_str())];
            conn.execute("INSERT INTO releases (name, version) VALUES ($1, $2)", &binds).unwrap();
            Upload::New(Release { name, version, is_prerelease: Some(is_pre) })
        });
        let deletions: Write<Upload> = Box::new(move |conn, number| {
            let number = (number * 7_919) % rows;
            let it = release(number);
            let binds = [Some(it.name.as_str()), Some(it.version.as_str())];
            conn.execute("DELETE FROM releases WHERE name = $1 AND version = $2", &binds).unwrap();
            Upload::Deleted(number)
        });
        let written = upgrade_beside(database, migrator(), BACKFILL, u64::from(rows) / 2, vec![uploads, deletions]);
        let (mut new, mut deleted) = (Vec::new(), BTreeSet::new());
        for upload in written.into_iter().flatten() {
            match upload {
                Upload::New(release) => new.push(flag(&release)),
                Upload::Deleted(number) => drop(deleted.insert(number)),
            }
        }
        new.extend((0..rows).filter(|it| !deleted.contains(it)).map(|it| flag(&release(it))));
        assert_same(flags(database), new);
        database.execute("DELETE FROM releases WHERE is_prerelease IS NULL");
        upgrade(&migrator(), database, "heads").unwrap();
    }

    fn a_table_smaller_than_a_batch_is_done_like_any_other(database: &Database) {
        prepare(database, &migrator(), BASE, insert, 10);
        upgrade(&migrator(), database, "heads").unwrap();
        assert_same(flags(database), expected(10));
    }

    fn a_downgrade_takes_back_what_each_revision_did(database: &Database) {
        prepare(database, &migrator(), BASE, insert, 1_000);
        upgrade(&migrator(), database, "heads").unwrap();
        downgrade(&migrator(), database, BACKFILL);
        database.execute("INSERT INTO releases (name, version) VALUES ('old code', '1.0')");
        assert_eq!(database.one("SELECT CAST(count(*) AS text) FROM releases WHERE is_prerelease IS NULL"), "1");
        downgrade(&migrator(), database, BASE);
        upgrade(&migrator(), database, "heads").unwrap();
        let mut all = expected(1_000);
        all.push("old code/1.0/final".to_owned());
        assert_same(flags(database), all);
    }
}
