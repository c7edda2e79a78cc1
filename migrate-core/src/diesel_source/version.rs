//! The versions under which Diesel knows revisions.

use std::collections::BTreeMap;

use super::SourceError;
use crate::graph::RevisionGraph;

/// Each revision with its version, in an order that the graph allows, which is also that of the versions.
pub(super) fn versions(
    graph: &RevisionGraph,
    is_sql: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, SourceError> {
    let mut places: BTreeMap<&str, Place> = BTreeMap::new();
    for revision in graph.topological() {
        let id = revision.id.as_ref();
        let below: Vec<_> = graph.parents(id).chain(graph.dependencies(id)).collect();
        let places_below = || below.iter().map(|below| &places[below]);
        let depth = 1 + places_below().map(|place| place.depth).max().unwrap_or_default();
        let leads_on_sql = places_below().any(|place| place.lead.is_some());
        let place = if is_sql(id) {
            Place { depth, lead: Some(id.to_owned()), version: id.to_owned() }
        } else if leads_on_sql {
            // What stands on no SQL has its whole version in front of what it is joined with.
            let lead = places_below().map(|place| place.lead.as_ref().unwrap_or(&place.version)).max();
            let lead = lead.cloned().unwrap_or_default();
            Place { depth, version: format!("{lead}-{depth:06}-{id}"), lead: Some(lead) }
        } else {
            Place { depth, lead: None, version: format!("{depth:06}-{id}") }
        };
        // Odd versions of SQL migrations may sort anywhere; then Diesel would run a child before its parent.
        if let Some(parent) = below.iter().find(|below| places[**below].version >= place.version) {
            return Err(SourceError::Order {
                revision: id.to_owned(),
                version: place.version,
                parent: (*parent).to_owned(),
                parent_version: places[parent].version.clone(),
            });
        }
        places.insert(id, place);
    }
    let mut versions: Vec<_> = places.into_iter().map(|(id, place)| (id.to_owned(), place.version)).collect();
    versions.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(versions)
}

/// Where a revision stands among the versions.
struct Place {
    /// How many revisions the longest way down to a base has, this one included.
    depth: usize,
    /// The greatest version of an SQL migration below, or of what else the version has to come after.
    lead: Option<String>,
    version: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::Revision;

    fn of(revisions: &[Revision], sql: &[&str]) -> Vec<String> {
        let graph = RevisionGraph::new(revisions.iter().cloned()).unwrap();
        let versions = versions(&graph, |id| sql.contains(&id)).unwrap();
        versions.into_iter().map(|(_, version)| version).collect()
    }

    #[test]
    fn the_depth_is_that_of_the_longest_way_over_both_kinds_of_edges() {
        // a ── b ── d (merge), c ── d, and e on a, after d
        let revisions = [
            Revision::new("a"),
            Revision::new("b").parent("a"),
            Revision::new("c"),
            Revision::new("d").parent("b").parent("c"),
            Revision::new("e").parent("a").after("d"),
        ];
        assert_eq!(of(&revisions, &[]), ["000001-a", "000001-c", "000002-b", "000003-d", "000004-e"]);
    }

    #[test]
    fn a_history_that_grows_keeps_its_versions() {
        let mut revisions = vec![Revision::new("s1"), Revision::new("z").parent("s1"), Revision::new("b")];
        let before = of(&revisions, &["s1"]);
        revisions.extend([
            Revision::new("s2").parent("s1"),
            Revision::new("a").parent("z").parent("b").after("s2"),
        ]);
        let after = of(&revisions, &["s1", "s2"]);
        assert!(before.iter().all(|version| after.contains(version)), "{before:?} {after:?}");
    }

    #[test]
    fn what_stands_on_sql_migrations_comes_after_them() {
        let revisions = [
            Revision::new("00000000000000"),
            Revision::new("20240102").parent("00000000000000"),
            Revision::new("b").parent("20240102"),
            Revision::new("a").parent("b"),
            Revision::new("x"),
            Revision::new("join").parent("x").after("00000000000000"),
            Revision::new("20240103").parent("20240102"),
        ];
        let versions = of(&revisions, &["00000000000000", "20240102", "20240103"]);
        assert_eq!(
            versions,
            [
                "00000000000000",
                "000001-x",
                "000001-x-000002-join",
                "20240102",
                "20240102-000003-b",
                "20240102-000004-a",
                "20240103",
            ]
        );
    }

    #[test]
    fn versions_that_would_put_a_child_first_are_refused() {
        let revisions = [
            Revision::new("1"),
            Revision::new("2").parent("1"),
            Revision::new("1#").parent("2"),
            Revision::new("x").parent("1"),
            Revision::new("y").parent("x").parent("1#"),
        ];
        let graph = RevisionGraph::new(revisions).unwrap();
        let error = versions(&graph, |id| id != "x" && id != "y").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Diesel would run 1# (version 1#) before 2 (version 2), which it builds on"
        );
    }
}
