//! What went wrong in the service whose migrations this framework takes as its measure, as far as it is about databases
//! that were there before their ledger; the words are those of its own documents.

use migrate_core::prelude::*;
use migrate_core::runner::{Error, VerifyError};
use migrate_core::{Migrator, Options};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{Database, History, Step};

use super::verify::{at, differs, shop, verify};

fn as_deployed(migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
    let options = Options { allow_tables: false, ..migrator.options().clone() };
    migrator.with_options(options)
}

/// A database that a dump made: what `b1` makes, and no ledger.
fn restore_a_dump(database: &Database) {
    shop().upgrade(&mut database.connect(), "b1").unwrap();
    for table in ["ledger", "event", "journal", "lease"] {
        database.execute(&format!("DROP TABLE migrate_{table}"));
    }
}

on_each_server! {
    fn two_ledgers_that_each_claim_to_be_the_truth_are_both_named(database: &Database) {
        database.execute("CREATE TABLE alembic_version (version_num text); CREATE TABLE schema_migrations (version text)");
        let error = as_deployed(shop()).upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::TablesWithoutLedger(unadopted) = error else { panic!("{error:?}") };
        let named: Vec<_> = unadopted.other_ledgers.iter().map(|ledger| ledger.table).collect();
        assert_eq!(named, ["alembic_version", "schema_migrations"]);
    }

    fn a_baseline_that_lies_is_found_before_anything_is_recorded(database: &Database) {
        // The baseline does not make the table that a later revision drops; the service's databases have it.
        let migrator = History::new()
            .with(Step::new("baseline").up(|cx| cx.execute("CREATE TABLE characters (id integer)")))
            .with(Step::new("cleanup").on(&["baseline"]).up(|cx| cx.execute("DROP TABLE communication_styles")))
            .silent().migrator();
        database.execute("CREATE TABLE characters (id integer); CREATE TABLE communication_styles (id integer)");
        let error = verify(&migrator, database, &at(&["cleanup"])).unwrap_err();
        let Error::Verify(VerifyError::Build { source, .. }) = error else { panic!("{error:?}") };
        assert_eq!(source.to_string(), "upgrade stopped at cleanup after 1 of 2 steps");
        // Stamped at its baseline the database has something that the baseline does not tell of.
        let difference = differs(&migrator, database, &["baseline"]);
        assert!(difference.starts_with("+ table ") && difference.contains("communication_styles"), "{difference}");
    }

    fn a_wrong_stamp_is_refused_with_what_would_have_been_skipped(database: &Database) {
        restore_a_dump(database);
        let difference = differs(&shop(), database, &["heads"]);
        assert!(difference.starts_with("- table ") && difference.contains("orders"), "{difference}");
        assert_eq!(differs(&shop(), database, &["b1"]), "");
    }

    fn what_nobody_claims_cannot_be_verified(database: &Database) {
        restore_a_dump(database);
        let error = verify(&as_deployed(shop()), database, &at(&[])).unwrap_err();
        assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
    }

    fn a_wrong_stamp_that_was_made_is_found_later(database: &Database) {
        restore_a_dump(database);
        shop().stamp(&mut database.connect(), &["heads"], false).unwrap();
        as_deployed(shop()).ensure_current(&mut database.connect()).unwrap();
        assert!(differs(&shop(), database, &[]).contains("orders"));
    }

    fn a_fresh_install_from_a_dump_without_a_stamp_does_not_run_from_base_on_the_second_start(database: &Database) {
        restore_a_dump(database);
        for _ in 0..2 {
            let error = as_deployed(shop()).upgrade(&mut database.connect(), "heads").unwrap_err();
            assert!(matches!(error, Error::TablesWithoutLedger(_)), "{error:?}");
        }
        assert!(!database.has_table("migrate_ledger") && !database.has_table("orders"));
        assert_eq!(differs(&shop(), database, &["b1"]), "");
        shop().stamp(&mut database.connect(), &["b1"], false).unwrap();
        as_deployed(shop()).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(differs(&shop(), database, &[]), "");
    }

    fn manual_drift_is_told_object_by_object(database: &Database) {
        shop().upgrade(&mut database.connect(), "heads").unwrap();
        database.execute("DROP INDEX idx_email; ALTER TABLE users ADD COLUMN phone text; CREATE TABLE hotfix (id integer)");
        let difference = differs(&shop(), database, &[]).to_lowercase();
        for words in ["+ table ", "hotfix", "- index idx_email", "+ column phone text"] {
            assert!(difference.contains(words), "{difference}");
        }
    }

    fn a_table_with_the_right_name_and_another_schema_is_not_taken_for_it(database: &Database) {
        database.execute("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, mail varchar(50))");
        let difference = differs(&shop(), database, &["a1"]);
        for words in ["- column email", "+ column mail"] {
            assert!(difference.contains(words), "{difference}");
        }
    }

    fn a_partial_application_without_a_transaction_is_no_revision_at_all(database: &Database) {
        // `c1` of a tool without transactions: the table is there, what refers to it is not.
        restore_a_dump(database);
        database.execute("CREATE TABLE orders (id bigint NOT NULL PRIMARY KEY)");
        for revision in ["b1", "c1"] {
            assert!(differs(&shop(), database, &[revision]).contains("orders"), "{revision}");
        }
    }

    fn a_column_that_some_revision_has_too_says_nothing_of_the_revision(database: &Database) {
        // The service took any `emoji%` column for the newest revision.
        database.execute("CREATE TABLE users (id bigint NOT NULL PRIMARY KEY, email text NOT NULL, emoji text)");
        for revision in ["a1", "b1", "heads"] {
            assert!(differs(&shop(), database, &[revision]).contains("emoji"), "{revision}");
        }
    }
}
