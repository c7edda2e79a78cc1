//! Releases as PyPI has them: versions in every spelling, and some that are none.

use fastrand::Rng;
use migrate_core::AnyConnection;
use migrate_core::bulk::bulk_insert;

use self::schema::releases;

mod schema {
    diesel::table! {
        releases (name, version) {
            name -> Text,
            version -> Text,
            summary -> Nullable<Text>,
        }
    }
}

/// A release, and what has to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The project.
    pub name: String,
    /// As it was uploaded.
    pub version: String,
    /// The flag; `None` when the version is none.
    pub is_prerelease: Option<bool>,
}

/// Versions that PyPI took before it had rules.
const LEGACY: [&str; 6] = ["dev-snapshot", "final", "2004b-x", "1.0.0-SNAPSHOT", "1.x", "1.0+"];

const PRE: [&str; 8] = ["a", "b", "rc", "c", "alpha", "beta", "pre", "preview"];

const SEPARATORS: [&str; 4] = ["", ".", "-", "_"];

/// Inserts the first `count` releases.
///
/// # Panics
///
/// If that fails.
pub fn insert(conn: &mut AnyConnection, count: u32) {
    let rows = (0..count).map(release).map(|release| (release.name, release.version, None::<String>));
    bulk_insert(releases::table, (releases::name, releases::version, releases::summary))
        .rows(rows)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The release of a number, always the same. One in 2,500 has a version that is none.
#[must_use]
pub fn release(number: u32) -> Release {
    let mut random = Rng::with_seed(u64::from(number));
    let name = format!("project-{:05}", number / 9);
    if number % 2_500 == 1_249 {
        let version =
            format!("{}{}", random.choice(LEGACY).unwrap_or_default(), "~".repeat(number as usize % 9));
        return Release { name, version, is_prerelease: None };
    }
    // The first number keeps versions of a project apart.
    let mut version = format!("{}.{}", number % 9, random.u8(..20));
    if random.bool() {
        version = format!("{version}.{}", random.u8(..));
    }
    if random.u8(..50) == 0 {
        version = format!("1!{version}");
    }
    if random.u8(..20) == 0 {
        version = format!("{}{version}", random.choice(["v", "V", " ", " v"]).unwrap_or_default());
    }
    let (is_pre, is_dev) = (random.u8(..6) == 0, random.u8(..15) == 0);
    if is_pre {
        segment(&mut version, &mut random, &PRE);
    }
    match random.u8(..20) {
        0 => version = format!("{version}-{}", random.u8(..)),
        1 => segment(&mut version, &mut random, &["post", "rev", "r"]),
        _ => {}
    }
    if is_dev {
        segment(&mut version, &mut random, &["dev"]);
    }
    if random.u8(..30) == 0 {
        version.push_str("+ubuntu.1-local_2");
    }
    Release { name, version, is_prerelease: Some(is_pre || is_dev) }
}

/// One of the words, in any spelling that PEP 440 allows.
fn segment(version: &mut String, random: &mut Rng, words: &[&str]) {
    let (mut separator, word) =
        (random.choice(SEPARATORS), random.choice(words).copied().unwrap_or_default());
    if version.ends_with(char::is_alphabetic) {
        // Without one, two words would be one.
        separator = Some(".");
    }
    version.push_str(separator.unwrap_or_default());
    version.push_str(&if random.bool() { word.to_owned() } else { word.to_uppercase() });
    if random.bool() {
        version.push_str(&random.u8(..20).to_string());
    }
}
