//! Promises about the source that no compiler checks.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn violations(text: &str) -> Vec<&'static str> {
    const FORBIDDEN: [&str; 14] = [
        "diesel",
        "inventory",
        "tracing",
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "std::time",
        "SystemTime",
        "Instant::",
        "std::io",
        "println!",
        "unsafe",
    ];
    let code = || text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    FORBIDDEN.into_iter().filter(|word| code().any(|line| line.contains(word))).collect()
}

#[test]
fn graph_and_plan_know_no_database_no_files_no_environment_and_no_clock() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrate-core/src");
    let mut files = vec![core.join("revision.rs")];
    sources(&core.join("graph"), &mut files);
    sources(&core.join("plan"), &mut files);
    assert!(files.len() > 15, "the folders moved");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        assert!(violations(&text).is_empty(), "{}: {:?}", file.display(), violations(&text));
        for import in text.lines().filter_map(|line| line.trim_start().strip_prefix("use crate::")) {
            let known = ["graph", "plan", "revision"].iter().any(|module| import.starts_with(module));
            assert!(known, "{} points up: {import}", file.display());
        }
    }
}

#[test]
fn the_search_for_violations_finds_them() {
    assert_eq!(violations("use std::fs::File; // read"), ["std::fs"]);
    assert!(violations("/// like diesel").is_empty());
}
