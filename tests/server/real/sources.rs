//! What the sources of the migrations promise.

use std::path::{Path, PathBuf};

fn versions() -> Vec<PathBuf> {
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/real");
    let folders =
        ["open_webui", "quay", "warehouse", "whisperengine"].map(|name| real.join(name).join("versions"));
    folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("a folder of versions"))
        .map(|entry| entry.expect("an entry").path())
        .collect()
}

#[test]
fn no_migration_depends_on_code_of_the_application_that_moves_on() {
    let versions = versions();
    assert_eq!(versions.len(), 17);
    for path in versions {
        let text = std::fs::read_to_string(&path).expect("a source");
        for import in text.lines().filter_map(|line| line.trim_start().strip_prefix("use ")) {
            let frozen = ["migrate_core::", "diesel::", "std::", "serde_json::"]
                .iter()
                .any(|it| import.starts_with(it));
            // What stands beside the versions belongs to them.
            let own = import.starts_with("super::") && !import.contains("super::super");
            let alias = import.starts_with("character_");
            assert!(frozen || own || alias, "{}: use {import}", path.display());
        }
        assert!(!text.contains("crate::") && !text.contains("std::env"), "{}", path.display());
    }
}
