//! The answers of Alembic that we hold to be wrong.

use serde::Deserialize;

use super::answer::Answer;
use super::case::{Case, Expected};

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

const RULES: [(&str, Rule); 0] = [];

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

    /// The mistake that explains why this case differs.
    pub(super) fn explaining(&self, case: &Case, ours: &Answer) -> Option<&Mistake> {
        let _ = Expected::to_string;
        self.0.iter().find(|mistake| {
            RULES.iter().any(|(name, rule)| *name == mistake.name && rule(case, ours))
        })
    }
}
