//! Graphs for tests, written as they are drawn.

use super::{GraphErrors, RevisionGraph};
use crate::revision::Revision;

/// Reads one revision per line: `id <- parents | needs | labels`, each a list of words, each part optional.
pub(crate) fn revisions(drawn: &str) -> Vec<Revision> {
    let line = |line: &str| {
        let (id, rest) = line.split_once("<-").unwrap_or((line, ""));
        let mut parts =
            rest.split('|').map(|part| part.split_whitespace().map(|name| name.to_owned().into()).collect());
        Revision {
            id: id.trim().to_owned().into(),
            down_revisions: parts.next().unwrap_or_default(),
            depends_on: parts.next().unwrap_or_default(),
            branch_labels: parts.next().unwrap_or_default(),
            message: format!("make {}", id.trim()).into(),
        }
    };
    drawn.lines().map(str::trim).filter(|line| !line.is_empty()).map(line).collect()
}

/// The graph of a drawing that is right.
pub(crate) fn graph(drawn: &str) -> RevisionGraph {
    RevisionGraph::new(revisions(drawn)).expect("the drawn graph is right")
}

/// The faults of a drawing that is wrong, as text.
pub(crate) fn faults(drawn: &str) -> Vec<String> {
    let errors: GraphErrors = RevisionGraph::new(revisions(drawn)).expect_err("the drawn graph is wrong");
    errors.errors().iter().map(ToString::to_string).collect()
}
