use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn wish(directory: PathBuf) -> Wish {
    Wish {
        directory,
        name: "migrations".to_owned(),
        servers: vec![Server::Sqlite],
        source: Source::Checkout(Path::new(CHECKOUT).canonicalize().unwrap()),
        cargo: "cargo".into(),
    }
}

/// A directory that holds these files.
fn holding(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

/// Everything below a directory.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), Vec::new());
                open.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                found.insert(path, bytes);
            }
        }
    }
    found
}

/// `init` fails there, and the directory is as it was.
#[track_caller]
fn refused(directory: &TempDir, wish: &Wish) -> ProjectError {
    let before = contents(directory.path());
    let error = init(wish).unwrap_err();
    assert_eq!(contents(directory.path()), before, "{error}");
    error
}

#[track_caller]
fn members(directory: &TempDir) -> Vec<String> {
    let output = std::process::Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names = metadata["packages"].as_array().unwrap().iter();
    let mut names: Vec<_> = names.map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

const PACKAGE: &str = "[package]\nname = \"app\"\nversion = \"1.0.0\"\nedition = \"2021\"\n";

#[test]
fn an_empty_directory_becomes_a_workspace() {
    for files in [&[][..], &[(".git/HEAD", "ref"), ("README.md", "# App"), (".gitignore", "/mine\n")]] {
        let directory = holding(files);
        let made = init(&wish(directory.path().to_owned())).unwrap();
        assert!(made.is_new_workspace && made.changed.is_empty());
        assert_eq!(members(&directory), ["migrations"]);
        for (path, text) in files {
            assert_eq!(fs::read_to_string(directory.path().join(path)).unwrap(), *text);
        }
        assert!(made.created.iter().all(|path| path.is_file()));
    }
}

#[test]
fn a_directory_that_is_not_there_is_made() {
    let above = TempDir::new().unwrap();
    let made = init(&wish(above.path().join("a/b"))).unwrap();
    assert!(made.root.ends_with("a/b") && made.package.ends_with("a/b/migrations"));
}

#[test]
fn a_workspace_gets_a_member_and_keeps_its_style() {
    const OWN: &str = "\
# Ours.
[workspace]
members = [
    \"app\",  # the service
    \"lib\",
]
resolver = \"2\" # for now

[workspace.dependencies]
serde = \"1\"
";
    let app = PACKAGE.replace("app", "lib");
    let files = [
        ("Cargo.toml", OWN),
        ("app/Cargo.toml", PACKAGE),
        ("app/src/lib.rs", ""),
        ("lib/Cargo.toml", &app),
        ("lib/src/lib.rs", ""),
    ];
    let directory = holding(&files);
    // Also from a directory within it.
    let made = init(&wish(directory.path().join("app/src"))).unwrap();
    assert_eq!(made.root, directory.path().canonicalize().unwrap());
    assert_eq!(made.changed, [made.root.join("Cargo.toml")]);
    let text = fs::read_to_string(directory.path().join("Cargo.toml")).unwrap();
    assert_eq!(text, OWN.replace("    \"lib\",\n", "    \"lib\",\n    \"migrations\",\n"));
    assert_eq!(members(&directory), ["app", "lib", "migrations"]);
}

#[test]
fn each_way_to_write_a_workspace_is_understood() {
    let bin = ("src/main.rs", "fn main() {}");
    for (manifest, expected) in [
        ("[workspace]\nresolver = \"3\"\nmembers = []\n", "members = [\"migrations\"]"),
        ("[workspace]\nresolver = \"3\"\n", "members = [\"migrations\"]"),
        ("[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\n", "members = [\"app\", \"migrations\"]"),
        ("workspace = { resolver = \"3\", members = [\"app\"] }\n", "members = [\"app\", \"migrations\"]"),
        ("[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\nexclude = [\"src\"]\n", "members = [\"*\"]"),
        (
            "[workspace]\nresolver = \"3\"\nmembers = [\"app\"]\nexclude = [\"migrations\"]\n",
            "members = [\"app\", \"migrations\"]",
        ),
        (PACKAGE, "[workspace]\nmembers = [\"migrations\"]"),
    ] {
        let directory = holding(&[
            ("Cargo.toml", manifest),
            ("app/Cargo.toml", &PACKAGE.replace("\"app\"", "\"other\"")),
            ("app/src/lib.rs", ""),
            bin,
        ]);
        let made = init(&wish(directory.path().to_owned())).unwrap();
        let text = fs::read_to_string(directory.path().join("Cargo.toml")).unwrap();
        assert!(text.contains(expected), "{text}");
        assert_eq!(made.changed.is_empty(), text == manifest);
        assert!(members(&directory).contains(&"migrations".to_owned()), "{text}");
    }
}

#[test]
fn what_is_there_is_left_alone() {
    let directory =
        holding(&[("Cargo.toml", PACKAGE), ("src/lib.rs", ""), ("migrations/up.sql", "SELECT 1")]);
    let own = wish(directory.path().to_owned());
    assert!(matches!(refused(&directory, &own), ProjectError::Exists { .. }));
    let made = init(&Wish { name: "db-migrations".to_owned(), ..own }).unwrap();
    assert!(made.package.ends_with("db-migrations"));
    assert!(
        fs::read_to_string(made.package.join("src/main.rs")).unwrap().contains("db_migrations::MANIFEST")
    );
}

#[test]
fn a_directory_of_another_kind_is_refused() {
    let directory = holding(&[("manage.py", ""), ("app/models.py", "")]);
    let error = refused(&directory, &wish(directory.path().to_owned()));
    let ProjectError::NotEmpty { holds, .. } = error else { panic!("{error:?}") };
    assert_eq!(holds, ["app", "manage.py"]);
}

#[test]
fn what_cargo_refuses_is_taken_back() {
    let broken = holding(&[("Cargo.toml", "[workspace]\nmembers = [\"gone\"]\n")]);
    assert!(matches!(refused(&broken, &wish(broken.path().to_owned())), ProjectError::Refused { .. }));
    let no_toml = holding(&[("Cargo.toml", "[workspace\n")]);
    assert!(matches!(refused(&no_toml, &wish(no_toml.path().to_owned())), ProjectError::Refused { .. }));
    // The name is another member's.
    let namesake = PACKAGE.replace("app", "migrations");
    let taken = holding(&[
        ("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"db\"]\n"),
        ("db/Cargo.toml", &namesake),
        ("db/src/lib.rs", ""),
    ]);
    let error = refused(&taken, &wish(taken.path().to_owned()));
    assert!(matches!(error, ProjectError::Refused { .. }), "{error:?}");
    let missing = TempDir::new().unwrap();
    let own = wish(missing.path().to_owned());
    let error = refused(&missing, &Wish { cargo: "no-such-cargo".into(), ..own });
    assert!(matches!(error, ProjectError::NoCargo { .. }), "{error:?}");
}

#[test]
fn names_are_those_of_packages() {
    let directory = TempDir::new().unwrap();
    for name in ["", "9lives", "my crate", "fn", "../up", "a/b", "ünder", "-x", "std", "self"] {
        let error = refused(&directory, &Wish { name: name.to_owned(), ..wish(directory.path().to_owned()) });
        assert!(matches!(error, ProjectError::Name { .. }), "{name}: {error:?}");
    }
}

#[test]
fn the_servers_are_features_and_the_wanted_ones_the_default() {
    for (servers, expected) in [
        (vec![Server::Sqlite], "default = [\"cli\", \"sqlite\"]"),
        (vec![Server::Postgres], "default = [\"cli\", \"postgres\"]"),
        (vec![Server::Sqlite, Server::Postgres], "default = [\"cli\", \"sqlite\", \"postgres\"]"),
    ] {
        let directory = TempDir::new().unwrap();
        let made = init(&Wish { servers, ..wish(directory.path().to_owned()) }).unwrap();
        let manifest = fs::read_to_string(made.package.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(expected), "{manifest}");
    }
}

#[test]
fn the_source_of_the_framework_is_a_version_or_a_path() {
    for (source, expected) in [
        (Source::Registry, format!("migrate-core = {{ version = \"{}\"", env!("CARGO_PKG_VERSION"))),
        (Source::Checkout("/src/my \"own\"".into()), "path = '/src/my \"own\"/migrate-core'".to_owned()),
    ] {
        let files = template::package("migrations", &[Server::Sqlite], &source);
        assert!(files[0].1.contains(&expected), "{}", files[0].1);
    }
}

#[test]
fn the_crate_has_each_feature_that_the_command_line_speaks_of() {
    let files = template::package("migrations", &[Server::Sqlite], &Source::Registry);
    let manifest: toml_edit::DocumentMut = files[0].1.parse().unwrap();
    for feature in ["sqlite", "postgres", "postgres-bundled"] {
        assert!(manifest["features"].get(feature).is_some(), "{feature}: {manifest}");
    }
}
