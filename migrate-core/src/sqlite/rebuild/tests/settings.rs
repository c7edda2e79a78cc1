//! The settings of the connection.

use super::*;

#[test]
fn every_setting_is_as_it_was_after_success_and_failure() {
    for foreign_keys in ["ON", "OFF"] {
        for legacy in ["ON", "OFF"] {
            let mut database = database(
                "CREATE TABLE p (id INTEGER PRIMARY KEY, a); CREATE TABLE c (p REFERENCES p ON DELETE CASCADE);
                 CREATE VIEW v AS SELECT a FROM p; INSERT INTO p VALUES (1, NULL); INSERT INTO c VALUES (1)",
            );
            let settings =
                format!("PRAGMA foreign_keys = {foreign_keys}; PRAGMA legacy_alter_table = {legacy}");
            database.batch(&settings).unwrap();
            change(&mut database, "p", &[set_type("a", "TEXT")]);
            refused(&mut database, "p", &[set_not_null("a")]);
            refused(&mut database, "p", &[fill("id", "id + 1")]);
            assert_eq!(rows(&mut database, "SELECT * FROM c"), ["1"]);
        }
    }
}

#[test]
fn a_name_that_is_taken_or_mentioned_is_not_used() {
    let mut database = database(
        "CREATE TABLE migrate_rebuild (a); CREATE TABLE t (a);
         CREATE VIEW v AS SELECT 1 FROM \"Migrate_Rebuild_2\"; INSERT INTO migrate_rebuild VALUES (1);",
    );
    rebuild(&mut database, "t", &[set_type("a", "INT")]).unwrap();
    rebuild(&mut database, "migrate_rebuild", &[set_type("a", "INT")]).unwrap();
    assert_eq!(rows(&mut database, "SELECT a FROM migrate_rebuild"), ["1"]);
    assert_eq!(
        rows(&mut database, "SELECT name FROM sqlite_schema ORDER BY 1"),
        ["migrate_rebuild", "t", "v"]
    );
}
