//! A file in `tests/` is a crate of its own: without a word about the package's library, nothing is linked.

#[test]
fn nothing_is_applied() {
    let applied = probe::upgrade(probe::Migrator::new(probe::copied::MANIFEST));
    println!("applied {}", applied.expect("an upgrade"));
}
