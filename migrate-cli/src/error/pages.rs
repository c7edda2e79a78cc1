//! The pages of the documentation that hints name.
//!
//! By their full addresses: who has the program from a package has no folder `docs`.

/// The address of a page in the folder `docs`, with an anchor or without.
macro_rules! page {
    ($path:literal) => {
        concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/", $path)
    };
}

/// Why nothing is compared with models.
pub(crate) const AUTOGENERATE: &str = page!("coming-from/alembic.md#autogenerate");

/// How a backfill is written.
pub(crate) const BACKFILLS: &str = page!("backfills.md");

/// What the rows and the key of a backfill have to keep to.
pub(crate) const BACKFILL_KEYS: &str = page!("backfills.md#keys");

/// A database that was there before its migrations.
pub(crate) const BASELINE: &str = page!("guide/baseline.md");

/// Why a build may pass over a new file, and the `build.rs` against that.
pub(crate) const LINKING: &str = page!("linking.md#the-traps");

/// The safety rules.
pub(crate) const SAFETY: &str = page!("safety.md");

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use migrate_core::safety::RULES;

    use super::*;

    const ALL: [&str; 6] = [AUTOGENERATE, BACKFILLS, BACKFILL_KEYS, BASELINE, LINKING, SAFETY];

    fn package() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// The file that an address names, and its anchor.
    fn resolved(address: &str) -> (PathBuf, Option<&str>) {
        let path = address.strip_prefix(concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/"));
        let path = path.unwrap_or_else(|| panic!("{address} is not in the repository"));
        let (path, anchor) = path.split_once('#').map_or((path, None), |(path, anchor)| (path, Some(anchor)));
        (package().parent().expect("a workspace").join(path), anchor)
    }

    /// The anchor that GitHub makes of a heading.
    fn anchor(heading: &str) -> String {
        let kept =
            heading.trim().chars().filter(|kept| kept.is_alphanumeric() || matches!(kept, ' ' | '-' | '_'));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    }

    #[test]
    fn each_page_and_each_anchor_is_there() {
        let rules = RULES.iter().map(|rule| rule.docs());
        for address in ALL.into_iter().map(ToOwned::to_owned).chain(rules) {
            let (file, wanted) = resolved(&address);
            let page = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{address}: {error}"));
            let Some(wanted) = wanted else { continue };
            let mut headings = page.lines().filter_map(|line| line.strip_prefix('#'));
            assert!(headings.any(|line| anchor(line.trim_start_matches('#')) == wanted), "{address}");
        }
    }

    #[test]
    fn the_address_of_a_rule_is_that_of_its_page_and_fits_into_a_line() {
        for rule in RULES {
            assert_eq!(rule.docs(), format!("{SAFETY}#{}", rule.name));
            assert!(rule.docs().len() <= 104, "{}", rule.docs());
        }
    }

    #[test]
    fn no_text_names_a_folder_that_only_a_checkout_has() {
        let mut folders = vec![package().join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs")
                    && !path.ends_with("error/pages.rs")
                {
                    let text = fs::read_to_string(&path).unwrap();
                    assert!(
                        !text.contains("docs/"),
                        "{} names a page: error/pages.rs is the place",
                        path.display()
                    );
                }
            }
        }
    }
}
