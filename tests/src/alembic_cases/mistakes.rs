//! The answers of Alembic that we hold to be wrong.

use migrate_core::graph::RevisionGraph;
use migrate_core::plan;
use serde::Deserialize;

use super::answer::Answer;
use super::case::{Case, Command, Expected};
use super::model::Model;
use crate::declared::DeclaredRevision;

/// One kind of wrong answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Mistake {
    /// Which of the rules of this module recognises it.
    pub name: String,
    /// Why it is wrong, and what we answer.
    pub reason: String,
}

/// The list, from `tests/fixtures/alembic_mistakes.json`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Mistakes(Vec<Mistake>);

/// A rule that recognises one kind of wrong answer, with ours beside it.
type Rule = fn(&Case, &Answer) -> bool;

const RULES: [(&str, Rule); 6] = [
    ("relative-grammar", relative_grammar),
    ("label-not-checked", label_not_checked),
    ("below-base", below_base),
    ("graph-not-checked", graph_not_checked),
    ("stamp-loses-target", stamp_loses_target),
    ("stamp-counts-from-heads", stamp_counts_from_heads),
];

impl Mistakes {
    /// The list that is part of the repository.
    ///
    /// # Panics
    ///
    /// If the list does not name each rule of this module exactly once.
    pub fn known() -> Self {
        let list: Self = serde_json::from_str(include_str!("../../fixtures/alembic_mistakes.json"))
            .expect("the list of mistakes is JSON");
        let listed: Vec<&str> = list.0.iter().map(|mistake| mistake.name.as_str()).collect();
        let rules: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, rules, "each rule has its reason in alembic_mistakes.json");
        list
    }

    /// No mistakes: Alembic is always right.
    pub fn none() -> Self {
        Self::default()
    }

    /// The names of the listed mistakes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|mistake| mistake.name.as_str())
    }

    /// The mistake that explains why this case differs.
    pub(super) fn explaining(&self, case: &Case, ours: &Answer) -> Option<&Mistake> {
        self.0
            .iter()
            .find(|mistake| RULES.iter().any(|(name, rule)| *name == mistake.name && rule(case, ours)))
    }
}

fn relative_grammar(case: &Case, ours: &Answer) -> bool {
    let target = last_target(case);
    let unlocated = ["cannot_locate", "ambiguous_partial", "no_such_branch"];
    read_by_alembic(target).map_or_else(
        || counts(target) && unlocated.contains(&case.category.as_str()),
        |end| end < target.len() && ours.is_refusal("cannot_locate"),
    )
}

fn label_not_checked(case: &Case, ours: &Answer) -> bool {
    let only_rows_wrong = matches!(case.category.as_str(), "overlap" | "cannot_locate");
    case.spec.list().iter().any(|target| target.contains('@'))
        && (is_done(case) || only_rows_wrong)
        && ours.is_refusal("no_such_branch")
}

fn below_base(case: &Case, ours: &Answer) -> bool {
    let target = last_target(case);
    let symbol = target.rsplit_once('@').map_or(target, |(_, symbol)| symbol);
    symbol.starts_with("base-") && ours.is_refusal("walked_too_far")
}

fn graph_not_checked(case: &Case, ours: &Answer) -> bool {
    let before_reading = ["relative_overrun", "range_not_allowed", "ambiguous_current", "other"];
    matches!(ours, Answer::Refusal { graph: true, .. })
        && (before_reading.contains(&case.category.as_str()) || Model::of(case).is_cyclic())
}

fn stamp_loses_target(case: &Case, ours: &Answer) -> bool {
    let (Command::Stamp, Expected::Done { heads_after: Some(rows), .. }, Answer::Plan { heads_after, .. }) =
        (case.command, &case.expected, ours)
    else {
        return false;
    };
    let named = named(case);
    let model = Model::of(case);
    let theirs = model.closure(rows);
    named.iter().any(|id| !theirs.contains(id))
        && model.maximal(&model.closure(rows.iter().chain(&named))) == *heads_after
}

fn stamp_counts_from_heads(case: &Case, ours: &Answer) -> bool {
    case.command == Command::Stamp
        && case.spec.list().iter().any(|target| counts(target))
        && (case.purge || case.heads.is_empty())
        && ours.is_refusal("cannot_locate")
}

fn is_done(case: &Case) -> bool {
    matches!(case.expected, Expected::Done { .. })
}

/// The target of an upgrade or downgrade, without the start of a range.
fn last_target(case: &Case) -> &str {
    let target = case.spec.list().last().copied().unwrap_or_default();
    target.split_once(':').map_or(target, |(_, target)| target)
}

/// Whether a target ends in a sign and a number.
fn counts(target: &str) -> bool {
    let stem = target.trim_end_matches(|character: char| character.is_ascii_digit());
    stem.len() < target.len() && stem.ends_with(['+', '-'])
}

/// How much of a target Alembic reads as one that counts: `[label@][word]sign digits`, from the front.
fn read_by_alembic(target: &str) -> Option<usize> {
    let after_label = target.match_indices('@').map(|(at, _)| at + 1).filter(|&start| start > 1);
    after_label.chain([0]).find_map(|start| {
        let word = |character: char| character.is_alphanumeric() || character == '_';
        let rest = target[start..].trim_start_matches(word);
        let digits = rest.strip_prefix(['+', '-'])?;
        let junk = digits.trim_start_matches(|character: char| character.is_ascii_digit());
        (junk.len() < digits.len()).then_some(target.len() - junk.len())
    })
}

/// The revisions that the targets of a stamp name.
fn named(case: &Case) -> Vec<String> {
    let Ok(graph) = RevisionGraph::new(case.graph.iter().map(DeclaredRevision::to_revision)) else {
        return Vec::new();
    };
    let resolved = |target: &&str| plan::resolve(&graph, None, target).unwrap_or_default();
    case.spec.list().iter().flat_map(resolved).map(str::to_owned).collect()
}
