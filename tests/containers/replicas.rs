//! Several at once.

use migrate_tests::testkit::Postgres;

use crate::project::{Project, empty};

#[test]
fn two_projects_on_one_database_take_turns() {
    let server = Postgres::shared();
    let database = empty(server);
    let project = Project::on(server, &database);
    let both = [project.up("migrate"), project.up("migrate")];
    let ended = both.map(|migrate| migrate.finish().with_code(0));
    let revisions = migrations_crate::MANIFEST.revisions().len();
    let events = database.column("SELECT revision FROM migrate_event WHERE kind = 'upgrade'");
    assert_eq!(events.len(), revisions, "each once: {events:?}");
    let ran = |text: &str| text.matches("Running upgrade ").count();
    assert_eq!(ended.iter().map(|ended| ran(&ended.stderr)).sum::<usize>(), revisions);
}
