use migrate_core::offline::{Item, Script, ScriptStep};
use serde::Serialize;

use super::VERSION;
use super::run::LeftBody;

/// `upgrade`, `downgrade` and `stamp` with `--sql`.
#[derive(Debug, Serialize)]
pub(crate) struct ScriptDocument<'a> {
    version: u32,
    server: String,
    title: &'a str,
    /// Whether running all statements does what a run would do.
    complete: bool,
    opening: Vec<&'a str>,
    steps: Vec<ScriptStepBody<'a>>,
    closing: Vec<&'a str>,
    current_after: &'a [String],
    /// What is left for later.
    deferred: Vec<LeftBody>,
}

#[derive(Debug, Serialize)]
struct ScriptStepBody<'a> {
    revision: &'a str,
    description: &'a str,
    transaction: bool,
    statements: Vec<&'a str>,
    /// What is Rust, and left out.
    rust: &'a [String],
    /// Why the statements are but a check that the step was taken by other means.
    gap: Option<String>,
}

impl<'a> ScriptDocument<'a> {
    pub(crate) fn new(script: &'a Script) -> Self {
        let step = |step: &'a ScriptStep| ScriptStepBody {
            revision: &step.revision,
            description: &step.description,
            transaction: step.transaction,
            statements: Item::statements(&step.items).collect(),
            rust: &step.rust,
            gap: step.gap.as_ref().map(ToString::to_string),
        };
        Self {
            version: VERSION,
            server: script.dialect.to_string(),
            title: &script.title,
            complete: script.is_complete(),
            opening: Item::statements(&script.opening).collect(),
            steps: script.steps.iter().map(step).collect(),
            closing: Item::statements(&script.closing).collect(),
            current_after: &script.heads_after,
            deferred: script.deferred.iter().map(LeftBody::from).collect(),
        }
    }
}
