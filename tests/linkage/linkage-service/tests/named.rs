//! A file in `tests/` is a crate of its own: it names the package's library, which links it.

#[test]
fn all_migrations_are_applied() {
    let applied = probe::upgrade(probe::Migrator::new(linkage_service::MANIFEST));
    println!("applied {}", applied.expect("an upgrade"));
}
