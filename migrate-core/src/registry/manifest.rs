use std::collections::BTreeSet;

/// What `migrations!` saw when it compiled a migrations crate.
///
/// A constant made of `&'static` data. Naming it in a binary is also what makes the linker keep the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    crate_name: &'static str,
    crate_version: &'static str,
    source_dir: &'static str,
    revisions: &'static [&'static str],
    follows: &'static [Manifest],
}

impl Manifest {
    /// Creates a manifest; `revisions` must be sorted by byte order.
    #[must_use]
    pub const fn new(
        crate_name: &'static str,
        crate_version: &'static str,
        source_dir: &'static str,
        revisions: &'static [&'static str],
        follows: &'static [Manifest],
    ) -> Self {
        Self { crate_name, crate_version, source_dir, revisions, follows }
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
        let mut all: BTreeSet<_> = self.revisions.iter().copied().collect();
        for followed in self.follows {
            all.extend(followed.all_revisions());
        }
        all
    }
}

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
}
