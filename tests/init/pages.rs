//! What lies in a package: its page, its licences, its sources, and nothing that is only for this workspace.

use std::fs;
use std::path::Path;

use super::packages::{PUBLISHED, unpack, workspace};

/// Where the documents are for those who have no checkout.
const DOCUMENTS: &str = "https://github.com/diesel-revisions/migrate/blob/main/";

#[test]
fn each_package_has_its_page_its_licences_and_no_tests() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, package) in PUBLISHED.into_iter().zip(unpack(directory.path())) {
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            let (own, whole) = (package.join(licence), workspace().join(licence));
            assert!(!own.is_symlink(), "{}", own.display());
            assert_eq!(read(&own), read(&whole), "{name}");
        }
        assert!(read(&package.join("README.md")).starts_with(&format!("# {name}\n")), "{name}");
        assert!(package.join("src/lib.rs").is_file(), "{name}");
        assert!(!package.join("tests").exists(), "{name}");
        let manifest = read(&package.join("Cargo.toml"));
        for key in
            ["description", "license", "repository", "readme", "keywords", "categories", "rust-version"]
        {
            assert!(manifest.contains(&format!("\n{key} = ")), "{name} has no {key}");
        }
    }
}

#[test]
fn the_pages_link_to_what_is_there() {
    let mut followed = 0;
    for name in PUBLISHED {
        let page = read(&workspace().join(name).join("README.md"));
        for link in links(&page) {
            assert!(link.starts_with("https://"), "{name}: {link} is not in the package");
            let Some(path) = link.strip_prefix(DOCUMENTS) else { continue };
            assert!(workspace().join(path).is_file(), "{name}: {path}");
            followed += 1;
        }
    }
    assert!(followed > 0, "the documents moved");
}

/// The targets of a page's links.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
