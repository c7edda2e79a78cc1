//! What keeps the application from starting.

use migrate_core::{AnyConnection, Migrator};
use migrate_tests::testkit::Postgres;

use crate::project::{Project, empty};

#[test]
fn a_migration_that_fails_keeps_the_application_from_starting() {
    let server = Postgres::shared();
    let database = empty(server);
    let project = Project::on(server, &database);
    project.exec("app", &["migrate", "upgrade", "5f60d2b7e849"]).finish().with_code(0);
    database.execute("CREATE TABLE memories (id integer)");
    let ended = project.up("migrate").finish().with_code(13);
    assert!(ended.stderr.contains("error: upgrade stopped at a18c3e9d5b72 "), "{}", ended.stderr);
    assert!(ended.stderr.contains("relation \"memories\" already exists"), "{}", ended.stderr);

    let ended = project.up("app").finish().with_code(1);
    assert!(!ended.stdout.contains("listening"), "{}", ended.stdout);

    // The operator puts it right, and the same service goes on.
    database.execute("DROP TABLE memories");
    project.up("migrate").finish().with_code(0);
}

#[test]
fn an_image_that_is_older_than_the_database_says_so() {
    let server = Postgres::shared();
    let database = empty(server);
    let newer = Migrator::<AnyConnection>::new(migrations_crate::retention::MANIFEST).unwrap();
    let report = newer.upgrade(&mut database.connect(), "heads").unwrap();
    let unknown = report.heads.first().expect("a head that the image does not have");

    let project = Project::on(server, &database);
    let before = database.ledger_rows();
    let ended = project.up("migrate").finish().with_code(11);
    assert!(ended.stderr.starts_with("error: "), "{}", ended.stderr);
    assert!(ended.stderr.contains(unknown.as_str()), "{}", ended.stderr);
    assert!(ended.stderr.contains("hint: "), "{}", ended.stderr);
    assert_eq!(database.ledger_rows(), before, "nothing was changed");
}
