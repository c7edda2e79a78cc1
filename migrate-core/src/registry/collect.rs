use std::collections::{BTreeMap, BTreeSet};

use super::catalogue::Catalogue;
use super::entry::{AnyEntry, Declaration, EntryRef, ManifestRef, type_name};
use super::error::{Clash, Incomplete, Mismatch, Origin, RegistryError};
use super::manifest::Manifest;
use crate::connection::MigrationConnection;

/// Every migration linked into this program, of whichever crate and connection type, in no particular order.
pub fn linked() -> impl Iterator<Item = &'static dyn AnyEntry> {
    inventory::iter::<EntryRef>.into_iter().map(|entry| entry.0)
}

/// The migrations that a manifest, and those it follows, carry.
pub fn carried(manifest: &Manifest) -> impl Iterator<Item = &'static dyn AnyEntry> {
    manifest.flatten().into_iter().flat_map(|manifest| manifest.entries()).copied()
}

/// The migrations of a manifest (and of those it follows), one for each revision, sorted by revision id.
///
/// Of the linked ones ([`Origin::Linked`]) only those are looked at that the manifest names and does not carry.
/// A program may link further migrations (of another crate or version, an example's, a test's own): only what
/// the manifest names takes part. A source file that is compiled into the program twice, as when a crate and
/// its unit tests meet, counts once.
///
/// # Errors
///
/// When one is missing, when two have one revision id, or when one cannot run on connections of type `C`.
pub fn collect<C: MigrationConnection>(
    manifest: &Manifest,
    origin: Origin,
    entries: impl IntoIterator<Item = &'static dyn AnyEntry>,
) -> Result<Catalogue<C>, RegistryError> {
    let selected = match exactly(manifest).filter(|_| origin == Origin::Linked) {
        Some(selected) => selected,
        None => select(manifest, origin, &mut entries.into_iter())?,
    };
    let mut runnables = Vec::with_capacity(selected.len());
    let mut mismatches = Vec::new();
    for entry in selected {
        match C::adapt(entry) {
            Some(runnable) => runnables.push(runnable),
            None => mismatches.push(Mismatch {
                revision: entry.declaration().revision.to_owned(),
                written_for: entry.connection(),
            }),
        }
    }
    if mismatches.is_empty() {
        Ok(Catalogue(runnables))
    } else {
        Err(RegistryError::OtherConnection { connection: type_name::<C>(), mismatches })
    }
}

/// The linked migrations of the manifest's crates that no `migrations!` directory of the crate holds, sorted.
///
/// Such a migration is never run: a `#[migration]` outside the directory is a mistake in a library or a
/// program. It is not an error of a run, because an example or a test of the crate may well bring its own.
pub fn unlisted(manifest: &Manifest) -> Vec<&'static Declaration> {
    let other = inventory::iter::<ManifestRef>.into_iter().map(|manifest| *manifest.0);
    // Those that the manifest carries are told by address, which is quick: a thousand are met here at every start.
    let address = |entry: &'static dyn AnyEntry| std::ptr::from_ref(entry).cast::<()>();
    let mut known: Vec<_> = carried(manifest).map(address).collect();
    known.sort_unstable();
    unlisted_among(
        manifest,
        other,
        &mut linked().filter(|entry| known.binary_search(&address(*entry)).is_err()),
    )
}

pub(super) fn unlisted_among(
    manifest: &Manifest,
    other: impl IntoIterator<Item = Manifest>,
    entries: &mut dyn Iterator<Item = &'static dyn AnyEntry>,
) -> Vec<&'static Declaration> {
    let own = manifest.flatten();
    let all: Vec<Manifest> = other.into_iter().chain(own.iter().copied()).collect();
    let mut unlisted: Vec<_> = entries
        .map(AnyEntry::declaration)
        .filter(|declaration| own.iter().any(|manifest| manifest.is_of_crate(declaration)))
        .filter(|declaration| !all.iter().any(|manifest| manifest.names(declaration)))
        .collect();
    unlisted.sort_unstable_by_key(|declaration| {
        (declaration.crate_name, declaration.revision, declaration.file, declaration.line)
    });
    unlisted.dedup();
    unlisted
}

/// What the manifest carries, by id, when that is one crate's and just what it names.
///
/// The usual case, told without a search for each: nothing linked could add to it.
fn exactly(manifest: &Manifest) -> Option<Vec<&'static dyn AnyEntry>> {
    let is_alone = manifest.follows().is_empty() && !manifest.revisions().is_empty();
    if !is_alone || manifest.entries().len() != manifest.revisions().len() {
        return None;
    }
    let mut entries = manifest.entries().to_vec();
    entries.sort_by_key(|entry| entry.declaration().revision);
    let is_named = |(entry, id): (&&dyn AnyEntry, &&str)| {
        entry.declaration().revision == *id && manifest.is_of_crate(entry.declaration())
    };
    entries.iter().zip(manifest.revisions()).all(is_named).then_some(entries)
}

type ByRevision = BTreeMap<&'static str, Vec<&'static dyn AnyEntry>>;

/// The entries that the manifest names, by revision. Not generic: compiled once.
fn select(
    manifest: &Manifest,
    origin: Origin,
    entries: &mut dyn Iterator<Item = &'static dyn AnyEntry>,
) -> Result<Vec<&'static dyn AnyEntry>, RegistryError> {
    let manifests = manifest.flatten();
    if manifests.iter().all(|manifest| manifest.revisions().is_empty()) {
        return Err(RegistryError::Empty {
            crate_name: manifest.crate_name().to_owned(),
            source_dir: manifest.source_dir().to_owned(),
        });
    }
    let mut chosen = ByRevision::new();
    if origin == Origin::Linked {
        for entry in carried(manifest) {
            choose(&mut chosen, entry);
        }
    }
    let settled: BTreeSet<_> = chosen.values().flatten().map(|entry| identity(entry.declaration())).collect();
    let mut versions = BTreeSet::new();
    for entry in entries {
        let declaration = entry.declaration();
        versions.insert((declaration.crate_name, declaration.crate_version));
        if manifests.iter().any(|manifest| manifest.names(declaration))
            && !settled.contains(&identity(declaration))
        {
            choose(&mut chosen, entry);
        }
    }
    let crates = incomplete(&manifests, &chosen, &versions);
    if !crates.is_empty() {
        return Err(RegistryError::Missing { crates, origin });
    }
    let clashes = clashes(&chosen);
    if !clashes.is_empty() {
        return Err(RegistryError::Duplicate { clashes });
    }
    Ok(chosen.into_values().flatten().collect())
}

/// Adds an entry, unless it is there already: the same source file may be compiled in twice.
fn choose(chosen: &mut ByRevision, entry: &'static dyn AnyEntry) {
    let same = chosen.entry(entry.declaration().revision).or_default();
    if !same.iter().any(|other| other.declaration() == entry.declaration()) {
        same.push(entry);
    }
}

fn identity(declaration: &Declaration) -> (&'static str, &'static str, &'static str) {
    (declaration.crate_name, declaration.crate_version, declaration.revision)
}

fn incomplete(
    manifests: &[Manifest],
    chosen: &ByRevision,
    versions: &BTreeSet<(&str, &str)>,
) -> Vec<Incomplete> {
    let is_there = |manifest: &Manifest, id: &str| {
        chosen
            .get(id)
            .is_some_and(|entries| entries.iter().any(|entry| manifest.is_of_crate(entry.declaration())))
    };
    let describe = |manifest: &Manifest| Incomplete {
        crate_name: manifest.crate_name().to_owned(),
        crate_version: manifest.crate_version().to_owned(),
        expected: manifest.revisions().len(),
        missing: manifest
            .revisions()
            .iter()
            .filter(|id| !is_there(manifest, id))
            .map(ToString::to_string)
            .collect(),
        other_versions: versions
            .iter()
            .filter(|(name, version)| *name == manifest.crate_name() && *version != manifest.crate_version())
            .map(|(_, version)| (*version).to_owned())
            .collect(),
    };
    manifests.iter().map(describe).filter(|incomplete| !incomplete.missing.is_empty()).collect()
}

fn clashes(chosen: &ByRevision) -> Vec<Clash> {
    let several = chosen.iter().filter(|(_, entries)| entries.len() > 1);
    several
        .map(|(id, entries)| {
            let mut places: Vec<_> = entries.iter().map(|entry| place(entry.declaration())).collect();
            places.sort_unstable();
            Clash { revision: (*id).to_owned(), places }
        })
        .collect()
}

fn place(declaration: &Declaration) -> String {
    let Declaration { crate_name, crate_version, file, line, .. } = declaration;
    format!("{crate_name} {crate_version} ({file}:{line})")
}
