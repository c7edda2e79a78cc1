//! A second opinion on plans: sets and loops, nothing shared with the planner.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use crate::declared::DeclaredRevision;

/// The graph of a case as a table of needs.
pub(super) struct Model {
    needs: BTreeMap<String, BTreeSet<String>>,
}

impl Model {
    pub(super) fn of(case: &Case) -> Self {
        let revisions: Vec<_> = case.graph.iter().map(DeclaredRevision::to_revision).collect();
        let declaring = |name: &Cow<'_, str>| {
            revisions
                .iter()
                .find(|revision| revision.branch_labels.iter().any(|label| label == name))
                .map_or_else(|| name.to_string(), |revision| revision.id.to_string())
        };
        let needs = revisions
            .iter()
            .map(|revision| {
                let dependencies = revision.depends_on.iter().map(declaring);
                let parents = revision.down_revisions.iter().map(ToString::to_string);
                (revision.id.to_string(), parents.chain(dependencies).collect())
            })
            .collect();
        Self { needs }
    }

    /// The given revisions and all that they need; what the graph does not know is left out.
    pub(super) fn closure<'a>(&self, heads: impl IntoIterator<Item = &'a String>) -> BTreeSet<String> {
        let mut set = BTreeSet::new();
        let mut pending: Vec<&String> = heads.into_iter().collect();
        while let Some(revision) = pending.pop() {
            if let Some(needs) = self.needs.get(revision)
                && set.insert(revision.clone())
            {
                pending.extend(needs);
            }
        }
        set
    }

    /// The members that no other member needs.
    pub(super) fn maximal(&self, set: &BTreeSet<String>) -> Vec<String> {
        let needed: BTreeSet<&String> = set.iter().flat_map(|revision| &self.needs[revision]).collect();
        set.iter().filter(|revision| !needed.contains(revision)).cloned().collect()
    }

    /// Whether some revisions need each other: taking away what needs nothing that is left does not end.
    pub(super) fn is_cyclic(&self) -> bool {
        let mut left: BTreeSet<&String> = self.needs.keys().collect();
        loop {
            let free = |revision: &&String| !self.needs[*revision].iter().any(|need| left.contains(need));
            let taken: Vec<&String> = left.iter().copied().filter(free).collect();
            if taken.is_empty() {
                return !left.is_empty();
            }
            left.retain(|revision| !taken.contains(revision));
        }
    }

    /// Runs the steps from `before`; says what is wrong, or what is applied afterwards.
    pub(super) fn run(
        &self,
        before: BTreeSet<String>,
        steps: &[(String, String)],
    ) -> Result<BTreeSet<String>, String> {
        let mut applied = before;
        for (direction, revision) in steps {
            let needs = self.needs.get(revision).ok_or_else(|| format!("{revision} does not exist"))?;
            if direction == "upgrade" {
                if let Some(missing) = needs.iter().find(|need| !applied.contains(*need)) {
                    return Err(format!("{revision} is upgraded before {missing}"));
                }
                if !applied.insert(revision.clone()) {
                    return Err(format!("{revision} is upgraded twice"));
                }
            } else {
                if !applied.remove(revision) {
                    return Err(format!("{revision} is downgraded without being applied"));
                }
                if let Some(user) = applied.iter().find(|other| self.needs[*other].contains(revision)) {
                    return Err(format!("{revision} is downgraded before {user}"));
                }
            }
        }
        Ok(applied)
    }
}
