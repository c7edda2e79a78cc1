//! What an upgrade leaves for later, in words.

use migrate_core::plan::Deferred;
use migrate_core::runner::{DeferredRevision, RevisionStatus, Status};

use super::text::{count, list};

/// Backfills that can run, or run already, and the revisions that wait for them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LeftForLater<'a> {
    pub(crate) backfills: Vec<&'a str>,
    pub(crate) behind: Vec<&'a str>,
}

impl<'a> LeftForLater<'a> {
    /// What a run left.
    pub(crate) fn of_report(deferred: &'a [DeferredRevision]) -> Self {
        Self::sorted(deferred.iter().map(|left| (left.revision.as_str(), left.waits_for.is_empty())))
    }

    /// What a plan leaves.
    pub(crate) fn of_plan(deferred: &[Deferred<'a>]) -> Self {
        Self::sorted(deferred.iter().map(|left| (left.revision, left.waits_for.is_empty())))
    }

    /// What a database waits for.
    pub(crate) fn of_status(status: &'a Status) -> Self {
        Self::sorted(status.deferred().map(|left| (left.revision.as_str(), left.is_due)))
    }

    fn sorted(all: impl Iterator<Item = (&'a str, bool)>) -> Self {
        let mut left = Self::default();
        all.for_each(
            |(revision, first)| {
                if first { left.backfills.push(revision) } else { left.behind.push(revision) }
            },
        );
        left
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.backfills.is_empty()
    }

    /// `backfill 4f1c, and 2 revisions that wait for it: 5a2d, 6b3e`.
    pub(crate) fn words(&self) -> String {
        let several = self.backfills.len() > 1;
        let noun = if several { "backfills" } else { "backfill" };
        let backfills = format!("{noun} {}", list(&self.backfills, 5));
        match self.behind.len() {
            0 => backfills,
            number => {
                let verb = if number == 1 { "waits" } else { "wait" };
                let it = if several { "them" } else { "it" };
                let behind = count(number, "revision");
                format!("{backfills}, and {behind} that {verb} for {it}: {}", list(&self.behind, 5))
            }
        }
    }

    /// The commands that do it.
    pub(crate) fn advice(&self, program: &str) -> Vec<String> {
        let run =
            |revision: &&str| format!("`{program} backfill run {revision}` does it beside the application");
        let mut advice: Vec<_> = self.backfills.iter().take(3).map(run).collect();
        if !self.behind.is_empty() {
            advice.push(format!("`{program} upgrade` then goes on with what waits for it"));
        }
        advice
    }
}

/// `backfill`, `filling, 4,000 of 9,000 rows`, `waits for 4f1c`; nothing for a revision that has to do with none.
pub(crate) fn note(revision: &RevisionStatus) -> Option<String> {
    if let Some(filled) = revision.filled {
        return Some(format!("filling, {filled}"));
    }
    if revision.is_due {
        return Some("backfill".to_owned());
    }
    let waits_for: Vec<_> = revision.waits_for.iter().map(String::as_str).collect();
    (!waits_for.is_empty()).then(|| format!("waits for {}", list(&waits_for, 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_several_are_told() {
        let left = |backfills: &[&'static str], behind: &[&'static str]| {
            LeftForLater { backfills: backfills.to_vec(), behind: behind.to_vec() }.words()
        };
        assert_eq!(left(&["a1"], &[]), "backfill a1");
        assert_eq!(left(&["a1"], &["b1"]), "backfill a1, and 1 revision that waits for it: b1");
        assert_eq!(
            left(&["a1", "a2"], &["b1", "c1"]),
            "backfills a1, a2, and 2 revisions that wait for them: b1, c1"
        );
    }
}
