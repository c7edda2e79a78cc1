//! What a person reads who makes a mistake in a migration: the compiler's own output, one case for each mistake.
//!
//! `TRYBUILD=overwrite cargo test -p migrate-tests --test ui` writes the expected output anew.

use std::path::Path;

#[test]
fn mistakes_are_answered_and_the_rest_compiles() {
    copy_directories();
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    cases.compile_fail("ui/cases/*.rs");
}

/// Puts the directories that the cases name where `migrations!` looks: below the package that trybuild makes.
fn copy_directories() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/dirs");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tests/trybuild/migrate-tests/dirs");
    let _ = std::fs::remove_dir_all(&target);
    copy(&source, &target);
}

fn copy(source: &Path, target: &Path) {
    std::fs::create_dir_all(target).expect("a directory");
    for entry in std::fs::read_dir(source).expect("a directory") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).expect("a copy");
        }
    }
}
