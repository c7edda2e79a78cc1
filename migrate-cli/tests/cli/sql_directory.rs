//! Commands beside a directory of Diesel's SQL migrations.

use expect_test::expect;
use migrate_core::Manifest;

use crate::project::Project;

/// A project with these directories of SQL migrations, of which nothing is compiled.
fn project(names: &[&str]) -> Project {
    let project = Project::on_disk();
    let migrations = project.path().join("migrations");
    for name in names {
        std::fs::create_dir_all(migrations.join(name)).unwrap();
        std::fs::write(migrations.join(name).join("up.sql"), "SELECT 1").unwrap();
    }
    let leak = |name: &str| -> &'static str {
        Box::leak(project.path().join(name).display().to_string().into_boxed_str())
    };
    let manifest = Manifest::new("service", "1.0.0", leak("versions"), &[], &[]);
    let manifest = manifest.with_diesel_dir(leak("migrations"));
    project.knowing(manifest)
}

#[test]
fn new_goes_on_from_the_last_sql_migration() {
    let project = project(&["2024-01-01_create_users", "2024-01-02_index_users"]);
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000001_fill_names.rs
        --- stderr
        Wrote revision aaaa00000001, on top of 20240102
        hint: fill in `up` and `down`, then: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["new", "Fill names", "--rev-id", "aaaa00000001"]));
}

#[test]
fn an_sql_migration_that_comes_later_is_a_second_head_and_is_merged() {
    let project = project(&["2024-01-01_create_users"]);
    project.run(&["new", "Fill names", "--rev-id", "aaaa00000001"]);
    let later = project.path().join("migrations/2024-01-02_index_users");
    std::fs::create_dir(&later).unwrap();
    std::fs::write(later.join("up.sql"), "SELECT 1").unwrap();
    expect![[r#"
        --- stderr
        error: target `head` matches 2 heads: 20240102, aaaa00000001
        hint: continue one of them: --head 20240102
        hint: or join them first: migrate-cli merge 20240102 aaaa00000001 -m "…"
        hint: or start a history of its own: --head base
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["new", "Next"]));
    expect![[r#"
        --- stdout
        versions/20251011_1430_aaaa00000002_merge_20240102_and_aaaa00000001.rs
        --- stderr
        Wrote revision aaaa00000002, joining 20240102, aaaa00000001
        hint: a merge may stay empty; to apply it: migrate-cli upgrade
        --- exit 0
    "#]]
    .assert_eq(&project.run(&["merge", "heads", "--rev-id", "aaaa00000002"]));
}

#[test]
fn an_id_is_taken_when_an_sql_migration_has_it() {
    let project = project(&["2024-01-01_create_users"]);
    expect![[r#"
        --- stderr
        error: revision 20240101 exists already
        hint: leave --rev-id out for a random one
        --- exit 3
    "#]]
    .assert_eq(&project.run(&["new", "Again", "--rev-id", "20240101"]));
}

#[test]
fn two_directories_of_one_version_are_named() {
    let project = project(&["2024-01-01_create_users", "20240101_create_orders"]);
    expect![[r#"
        --- stderr
        error: revision 20240101 is declared 2 times: "create orders", "create users"
        hint: one of the two needs another id; the one that is applied nowhere yet can change
        hint: 20240101 stands in DIR/migrations/2024-01-01_create_users/up.sql and DIR/migrations/20240101_create_orders/up.sql
        --- exit 4
    "#]]
    .assert_eq(&project.run(&["new", "Next"]));
}
