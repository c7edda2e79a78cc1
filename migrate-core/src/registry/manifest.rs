use std::collections::BTreeSet;
use std::fmt;

use super::entry::{AnyEntry, Declaration};

/// What `migrations!` saw when it compiled a migrations crate.
///
/// A constant made of `&'static` data. It refers to the migrations themselves, so a program that names it holds
/// them, whatever links it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    crate_name: &'static str,
    crate_version: &'static str,
    source_dir: &'static str,
    diesel_dir: Option<&'static str>,
    revisions: &'static [&'static str],
    follows: &'static [Manifest],
    entries: Entries,
}

/// The migrations themselves: what refers to a manifest refers to them, so no linker can drop them.
#[derive(Clone, Copy)]
struct Entries(&'static &'static [&'static dyn AnyEntry]);

impl Manifest {
    /// Creates a manifest.
    ///
    /// # Panics
    ///
    /// When `revisions` is not sorted by byte order or names one twice; in a constant, that is a compile error.
    #[must_use]
    pub const fn new(
        crate_name: &'static str,
        crate_version: &'static str,
        source_dir: &'static str,
        revisions: &'static [&'static str],
        follows: &'static [Manifest],
    ) -> Self {
        let mut next = 1;
        while next < revisions.len() {
            let order = compare(revisions[next - 1].as_bytes(), revisions[next].as_bytes());
            assert!(order == -1, "the revisions of a manifest are sorted, each once");
            next += 1;
        }
        Self {
            crate_name,
            crate_version,
            source_dir,
            diesel_dir: None,
            revisions,
            follows,
            entries: Entries(&(&[] as &[&dyn AnyEntry])),
        }
    }

    /// Adds the migrations themselves: the `ENTRIES` that `migrations!` emits.
    ///
    /// Without them a manifest is a list of names, and it is up to the linker whether there is anything behind it.
    #[must_use]
    pub const fn with_entries(self, entries: &'static &'static [&'static dyn AnyEntry]) -> Self {
        Self { entries: Entries(entries), ..self }
    }

    /// Names the directory of Diesel's SQL migrations that `migrations!` read besides, an absolute path.
    #[must_use]
    pub const fn with_diesel_dir(self, diesel_dir: &'static str) -> Self {
        Self { diesel_dir: Some(diesel_dir), ..self }
    }

    /// The package that holds the migrations.
    #[must_use]
    pub const fn crate_name(&self) -> &'static str {
        self.crate_name
    }

    /// That package's version.
    #[must_use]
    pub const fn crate_version(&self) -> &'static str {
        self.crate_version
    }

    /// The absolute path of the directory that `migrations!` read, on the machine that compiled it.
    #[must_use]
    pub const fn source_dir(&self) -> &'static str {
        self.source_dir
    }

    /// The absolute path of the directory of SQL migrations that `migrations!` read besides, if one was named.
    #[must_use]
    pub const fn diesel_dir(&self) -> Option<&'static str> {
        self.diesel_dir
    }

    /// The revision ids of this crate alone, sorted.
    #[must_use]
    pub const fn revisions(&self) -> &'static [&'static str] {
        self.revisions
    }

    /// The manifests of the crates whose revisions this crate builds on.
    #[must_use]
    pub const fn follows(&self) -> &'static [Manifest] {
        self.follows
    }

    /// The migrations of this crate alone, as far as the manifest carries them.
    #[must_use]
    pub const fn entries(&self) -> &'static [&'static dyn AnyEntry] {
        self.entries.0
    }

    /// Whether this crate, or one that it follows, holds the revision. Usable at compile time.
    #[must_use]
    pub const fn contains(&self, id: &str) -> bool {
        let (mut low, mut high) = (0, self.revisions.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(self.revisions[middle].as_bytes(), id.as_bytes()) {
                0 => return true,
                -1 => low = middle + 1,
                _ => high = middle,
            }
        }
        let mut next = 0;
        while next < self.follows.len() {
            if self.follows[next].contains(id) {
                return true;
            }
            next += 1;
        }
        false
    }

    /// The revision ids of this crate and of all it follows, sorted, each once.
    #[must_use]
    pub fn all_revisions(&self) -> BTreeSet<&'static str> {
        self.flatten().iter().flat_map(|manifest| manifest.revisions).copied().collect()
    }

    /// This manifest and all it follows, each once, the followed ones first.
    #[must_use]
    pub fn flatten(&self) -> Vec<Self> {
        let mut all = Vec::new();
        self.flatten_into(&mut all, &mut BTreeSet::new());
        all
    }

    fn flatten_into(&self, all: &mut Vec<Self>, seen: &mut BTreeSet<Identity>) {
        if !seen.insert((self.crate_name, self.crate_version, self.source_dir, self.revisions)) {
            return;
        }
        for followed in self.follows {
            followed.flatten_into(all, seen);
        }
        all.push(*self);
    }

    /// Whether a migration is one of this manifest: its package, that package's version and its revision.
    pub(super) fn names(&self, declaration: &Declaration) -> bool {
        self.is_of_crate(declaration) && self.revisions.binary_search(&declaration.revision).is_ok()
    }

    pub(super) fn is_of_crate(&self, declaration: &Declaration) -> bool {
        self.crate_name == declaration.crate_name && self.crate_version == declaration.crate_version
    }
}

impl Entries {
    fn declarations(self) -> impl Iterator<Item = &'static Declaration> {
        self.0.iter().map(|entry| entry.declaration())
    }
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.declarations().map(|declaration| declaration.revision)).finish()
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        self.declarations().eq(other.declarations())
    }
}

impl Eq for Entries {}

/// What makes two manifests the same: a crate may have several, and a program several versions of a crate.
type Identity = (&'static str, &'static str, &'static str, &'static [&'static str]);

/// -1, 0 or 1 as `a` sorts before, with or after `b`: `Ord` is not usable in constants yet.
const fn compare(a: &[u8], b: &[u8]) -> i8 {
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return if a[at] < b[at] { -1 } else { 1 };
        }
        at += 1;
    }
    if a.len() == b.len() {
        0
    } else if a.len() < b.len() {
        -1
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const ARCHIVE: Manifest = Manifest::new("archive", "1.0.0", "/a", &["a1", "b2"], &[]);
    const OWN: Manifest = Manifest::new("own", "1.0.0", "/o", &["c3", "c30", "d4"], &[ARCHIVE]);
    const _: () = assert!(OWN.contains("b2") && !OWN.contains("b"));

    #[test]
    fn a_manifest_finds_its_own_revisions_and_those_it_follows() {
        for id in ["a1", "b2", "c3", "c30", "d4"] {
            assert!(OWN.contains(id), "{id}");
        }
        for id in ["", "a", "c", "c300", "z"] {
            assert!(!OWN.contains(id), "{id}");
        }
        assert_eq!(OWN.all_revisions().into_iter().collect::<Vec<_>>(), ["a1", "b2", "c3", "c30", "d4"]);
    }
    #[test]
    fn a_manifest_that_is_followed_on_two_ways_counts_once() {
        const LEFT: Manifest = Manifest::new("left", "1.0.0", "/l", &["l"], &[ARCHIVE]);
        const RIGHT: Manifest = Manifest::new("right", "1.0.0", "/r", &["r"], &[ARCHIVE, LEFT]);
        let names: Vec<_> = RIGHT.flatten().iter().map(Manifest::crate_name).collect();
        assert_eq!(names, ["archive", "left", "right"]);
    }

    #[test]
    #[should_panic(expected = "the revisions of a manifest are sorted, each once")]
    fn a_manifest_that_is_not_sorted_is_refused() {
        let _ = Manifest::new("own", "1.0.0", "/o", &["b", "a"], &[]);
    }

    #[test]
    #[should_panic(expected = "the revisions of a manifest are sorted, each once")]
    fn a_manifest_that_names_a_revision_twice_is_refused() {
        let _ = Manifest::new("own", "1.0.0", "/o", &["a", "a"], &[]);
    }
}
