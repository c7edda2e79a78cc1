//! The page about locks says what the tests measure.

use std::path::Path;

#[test]
fn the_page_about_locks_is_made_of_the_measured_facts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/locks.md");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let measured = migrate_tests::locks::document();
    let differs = committed.lines().zip(measured.lines()).find(|(committed, measured)| committed != measured);
    assert!(
        committed == measured,
        "{differs:#?}\nwrite it again: cargo run -p migrate-tests --bin locks-document > docs/locks.md"
    );
}
