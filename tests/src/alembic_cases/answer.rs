//! Our answer to a case.

use std::panic::{AssertUnwindSafe, catch_unwind};

use migrate_core::graph::{GraphError, RevisionGraph};
use migrate_core::plan::{self, Applied, Plan, PlanError, StampPlan};

use super::case::{Case, Command};
use crate::declared::DeclaredRevision;

/// What our planner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A plan: direction and revision of each step, the heads afterwards.
    Plan {
        /// In order.
        steps: Vec<(String, String)>,
        /// By id.
        heads_after: Vec<String>,
    },
    /// A typed error, or several for a graph that is wrong in several ways.
    Refusal {
        /// Alembic's names for these classes of errors, as far as it has them.
        categories: Vec<&'static str>,
        /// As a user would read it.
        message: String,
        /// Whether the graph itself is refused.
        graph: bool,
    },
    /// It panicked.
    Panic,
}

impl Answer {
    /// Asks our planner; a panic is an answer too.
    pub fn to(case: &Case) -> Self {
        catch_unwind(AssertUnwindSafe(|| Self::plan(case))).unwrap_or(Self::Panic)
    }

    /// Whether this is a typed error of one class of Alembic's.
    pub(super) fn is_refusal(&self, category: &str) -> bool {
        matches!(self, Self::Refusal { categories, .. } if categories.as_slice() == [category])
    }

    fn plan(case: &Case) -> Self {
        let graph = match RevisionGraph::new(case.graph.iter().map(DeclaredRevision::to_revision)) {
            Ok(graph) => graph,
            Err(errors) => {
                let categories = errors.errors().iter().filter_map(GraphError::alembic_category).collect();
                return Self::Refusal { categories, message: errors.to_string(), graph: true };
            }
        };
        let rows = if case.purge { &[][..] } else { &case.heads };
        let applied = Applied::from_rows(&graph, rows.iter().map(String::as_str));
        let targets = case.spec.list();
        let target = targets.first().copied().unwrap_or_default();
        match (case.command, case.sql) {
            (Command::Upgrade, false) => Self::from(plan::upgrade(&graph, &applied, target)),
            (Command::Downgrade, false) => Self::from(plan::downgrade(&graph, &applied, target)),
            (Command::Upgrade, true) => {
                Self::from(plan::offline_upgrade(&graph, target).map(|offline| offline.plan))
            }
            (Command::Downgrade, true) => {
                Self::from(plan::offline_downgrade(&graph, target).map(|offline| offline.plan))
            }
            (Command::Stamp, _) => Self::from(plan::stamp(&graph, &applied, &targets)),
        }
    }
}

impl From<Result<Plan<'_>, PlanError>> for Answer {
    fn from(plan: Result<Plan<'_>, PlanError>) -> Self {
        match plan {
            Ok(plan) => Self::Plan {
                steps: plan
                    .steps
                    .iter()
                    .map(|step| (step.direction().to_string(), step.id().to_owned()))
                    .collect(),
                heads_after: plan.heads_after.iter().map(|&head| head.to_owned()).collect(),
            },
            Err(error) => Self::from(error),
        }
    }
}

impl From<Result<StampPlan<'_>, PlanError>> for Answer {
    fn from(stamp: Result<StampPlan<'_>, PlanError>) -> Self {
        match stamp {
            Ok(stamp) => Self::Plan {
                steps: Vec::new(),
                heads_after: stamp.heads_after.iter().map(|&head| head.to_owned()).collect(),
            },
            Err(error) => Self::from(error),
        }
    }
}

impl From<PlanError> for Answer {
    fn from(error: PlanError) -> Self {
        let categories = error.alembic_categories().to_vec();
        Self::Refusal { categories, message: error.to_string(), graph: false }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan { steps, heads_after } => {
                let steps: Vec<&str> = steps.iter().map(|(_, revision)| revision.as_str()).collect();
                write!(f, "steps {steps:?}, heads {heads_after:?}")
            }
            Self::Refusal { message, .. } => write!(f, "error: {message}"),
            Self::Panic => f.write_str("a panic"),
        }
    }
}
