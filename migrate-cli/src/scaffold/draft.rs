//! Decides what a new revision is, before anything is written.

use std::collections::BTreeSet;

use migrate_core::graph::{GraphErrors, RevisionGraph};
use migrate_core::plan::{self, PlanError};
use migrate_core::revision::Revision;

/// What the author asks for.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The message; may be empty for a merge.
    pub message: String,
    /// The id, where the author chose one; otherwise `fresh_id` is asked for one.
    pub rev_id: Option<String>,
    /// What the new revision is based on.
    pub parents: Parents,
    /// Whether a parent may have children already.
    pub splice: bool,
    /// Labels of the branch that starts here.
    pub branch_labels: Vec<String>,
    /// What must be applied before, without being a parent.
    pub depends_on: Vec<String>,
}

/// What a new revision is based on.
#[derive(Debug, Clone)]
pub enum Parents {
    /// One revision or base, as a target names it.
    One(String),
    /// Several revisions to join, as targets name them.
    Joined(Vec<String>),
}

impl Default for Parents {
    fn default() -> Self {
        Self::One("head".to_owned())
    }
}

/// Why there can be no such revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A parent or a dependency is not found.
    #[error(transparent)]
    Target(#[from] PlanError),
    /// A parent has children.
    #[error("revision {revision} is not a head: {} {} based on it", children.join(", "), if children.len() == 1 { "is" } else { "are" })]
    NotAHead {
        /// The parent.
        revision: String,
        /// Its children, sorted.
        children: Vec<String>,
    },
    /// There are fewer than two revisions to join.
    #[error("a merge needs at least two revisions, not {}", if revisions.is_empty() { "none".to_owned() } else { format!("only {}", revisions.join(", ")) })]
    NothingToJoin {
        /// What was found.
        revisions: Vec<String>,
    },
    /// A parent of a merge is below another one.
    #[error("revision {lower} is already below {upper}")]
    AlreadyJoined {
        /// The one.
        lower: String,
        /// The other.
        upper: String,
    },
    /// The id is taken.
    #[error("revision {id} exists already")]
    Duplicate {
        /// The id.
        id: String,
    },
    /// The id does not fit into a file name.
    #[error("revision id `{}` must not contain {character:?}: it becomes part of a file name", id.escape_debug())]
    NotAFileName {
        /// The id.
        id: String,
        /// What does not fit.
        character: char,
    },
    /// The new revision does not fit to the others.
    #[error("the new revision does not fit to the others")]
    Graph(GraphErrors),
}

impl Draft {
    /// Resolves every name and checks the result against the graph.
    ///
    /// `fresh_id` is called until it gives an id that is free.
    pub fn resolve(
        self,
        graph: &RevisionGraph,
        mut fresh_id: impl FnMut() -> String,
    ) -> Result<Revision, DraftError> {
        let down_revisions = match &self.parents {
            Parents::One(spec) => {
                plan::parent(graph, spec)?.into_iter().map(|revision| revision.id.to_string()).collect()
            }
            Parents::Joined(specs) => joined(graph, specs)?,
        };
        if !self.splice {
            check_heads(graph, &down_revisions)?;
        }
        let id = match self.rev_id {
            Some(id) => check_id(graph, id)?,
            None => std::iter::repeat_with(&mut fresh_id).find(|id| !graph.contains(id)).unwrap_or_default(),
        };
        let message = match (&self.parents, self.message.as_str()) {
            (Parents::Joined(_), "") => format!("Merge {}", down_revisions.join(" and ")),
            _ => self.message,
        };
        let depends_on = dependencies(graph, &self.depends_on)?;
        let names = |names: Vec<String>| names.into_iter().map(Into::into).collect();
        let revision = Revision {
            id: id.into(),
            down_revisions: names(down_revisions),
            depends_on: names(depends_on),
            branch_labels: names(self.branch_labels),
            message: message.into(),
        };
        let all = graph.revisions().iter().cloned().chain([revision.clone()]);
        RevisionGraph::new(all).map_err(DraftError::Graph)?;
        Ok(revision)
    }
}

fn joined(graph: &RevisionGraph, specs: &[String]) -> Result<Vec<String>, DraftError> {
    let mut parents: Vec<String> = Vec::new();
    for spec in specs {
        for found in plan::resolve(graph, None, spec)? {
            if !parents.iter().any(|parent| parent == found) {
                parents.push(found.to_owned());
            }
        }
    }
    if parents.len() < 2 {
        return Err(DraftError::NothingToJoin { revisions: parents });
    }
    for upper in &parents {
        let below = graph.ancestors([upper.as_str()]);
        if let Some(lower) = parents.iter().find(|lower| *lower != upper && below.contains(lower.as_str())) {
            return Err(DraftError::AlreadyJoined { lower: lower.clone(), upper: upper.clone() });
        }
    }
    Ok(parents)
}

fn check_heads(graph: &RevisionGraph, parents: &[String]) -> Result<(), DraftError> {
    for parent in parents {
        let children: Vec<_> = graph.children(parent).map(ToOwned::to_owned).collect();
        if !children.is_empty() {
            return Err(DraftError::NotAHead { revision: parent.clone(), children });
        }
    }
    Ok(())
}

fn check_id(graph: &RevisionGraph, id: String) -> Result<String, DraftError> {
    if graph.contains(&id) {
        return Err(DraftError::Duplicate { id });
    }
    let fits = |character: char| unicode_ident::is_xid_continue(character) || character == '.';
    // What no target could express is left to the graph, which says so better.
    match id.chars().find(|&character| !fits(character) && !matches!(character, '@' | '-' | '+' | ':')) {
        Some(character) => Err(DraftError::NotAFileName { id, character }),
        None => Ok(id),
    }
}

/// Full ids; a branch label stays a label, so that it follows its branch.
fn dependencies(graph: &RevisionGraph, specs: &[String]) -> Result<Vec<String>, DraftError> {
    let labels: BTreeSet<_> = graph.declared_labels().map(|(label, _)| label).collect();
    let mut names: Vec<String> = Vec::new();
    for spec in specs {
        let found = if labels.contains(spec.as_str()) {
            vec![spec.as_str()]
        } else {
            plan::resolve(graph, None, spec)?
        };
        names.extend(found.into_iter().map(ToOwned::to_owned));
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// Twelve random hexadecimal digits.
pub fn random_id() -> Result<String, getrandom::Error> {
    let value = getrandom::u64()?;
    Ok(format!("{:012x}", value >> 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ```text
    /// a1 ── b1 ── c1 (left)
    ///   └── b2 (right)
    /// ```
    fn graph() -> RevisionGraph {
        RevisionGraph::new([
            Revision::new("aaaa1"),
            Revision::new("bbbb1").parent("aaaa1"),
            Revision::new("cccc1").parent("bbbb1").label("left"),
            Revision::new("bbbb2").parent("aaaa1").label("right"),
        ])
        .unwrap()
    }

    fn resolve(draft: Draft) -> Result<Revision, String> {
        let mut ids = ["aaaa1", "new"].into_iter();
        draft.resolve(&graph(), || ids.next().unwrap().to_owned()).map_err(|error| error.to_string())
    }

    fn on(parent: &str) -> Draft {
        Draft { parents: Parents::One(parent.to_owned()), ..Draft::default() }
    }

    fn join(parents: &[&str]) -> Draft {
        Draft {
            parents: Parents::Joined(parents.iter().map(ToString::to_string).collect()),
            ..Draft::default()
        }
    }

    #[test]
    fn a_parent_is_found_by_every_kind_of_name_and_a_taken_id_is_not_used() {
        for (spec, parent) in [
            ("cccc1", "cccc1"),
            ("ccc", "cccc1"),
            ("left@head", "cccc1"),
            ("right", "bbbb2"),
            ("bbbb1+1", "cccc1"),
        ] {
            let revision = resolve(on(spec)).unwrap();
            assert_eq!((revision.id.as_ref(), revision.down_revisions.concat().as_str()), ("new", parent));
        }
        assert!(resolve(on("base")).unwrap().down_revisions.is_empty());
    }

    #[test]
    fn a_merge_joins_what_it_is_told_in_that_order() {
        assert_eq!(resolve(join(&["heads"])).unwrap().down_revisions, ["bbbb2", "cccc1"]);
        assert_eq!(resolve(join(&["cccc", "bbbb2"])).unwrap().down_revisions, ["cccc1", "bbbb2"]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let id = |id: &str| Draft { rev_id: Some(id.to_owned()), ..on("cccc1") };
        let spliced = Draft { splice: true, ..on("aaaa1") };
        assert_eq!(resolve(spliced).unwrap().down_revisions, ["aaaa1"]);
        for (draft, expected) in [
            (on("head"), "target `head` matches 2 heads: bbbb2, cccc1"),
            (on("aaaa1"), "revision aaaa1 is not a head: bbbb1, bbbb2 are based on it"),
            (on("bbbb1"), "revision bbbb1 is not a head: cccc1 is based on it"),
            (on("zzzz"), "cannot locate revision `zzzz`"),
            (join(&["cccc1", "cccc1"]), "a merge needs at least two revisions, not only cccc1"),
            (Draft { splice: true, ..join(&["cccc1", "aaaa1"]) }, "revision aaaa1 is already below cccc1"),
            (id("bbbb1"), "revision bbbb1 exists already"),
            (id("../x"), "revision id `../x` must not contain '/': it becomes part of a file name"),
            (id("a-b"), "the new revision does not fit to the others"),
            (
                Draft { branch_labels: vec!["left".to_owned()], ..on("cccc1") },
                "the new revision does not fit to the others",
            ),
        ] {
            assert_eq!(resolve(draft).unwrap_err(), expected);
        }
    }

    #[test]
    fn dependencies_become_full_ids_and_labels_stay() {
        let draft = Draft {
            depends_on: vec!["bbbb2".to_owned(), "left".to_owned(), "left".to_owned()],
            ..on("base")
        };
        assert_eq!(resolve(draft).unwrap().depends_on, ["bbbb2", "left"]);
    }

    #[test]
    fn a_random_id_has_twelve_hexadecimal_digits() {
        let id = random_id().unwrap();
        assert!(id.len() == 12 && id.chars().all(|digit| digit.is_ascii_hexdigit()), "{id}");
    }
}
