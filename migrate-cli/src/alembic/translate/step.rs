//! A step of a body: a call of our context, as Rust.

use std::fmt::Write as _;

use super::rust::comment;

/// A call, or a comment before one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    /// Whether it runs only outside of a transaction.
    pub(super) outside: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StepKind {
    /// A whole call, `cx.…(…)`.
    Statement(String),
    /// A change of a table, which can stand with others in an `alter_table`.
    Change { table: String, method: &'static str, arguments: String },
    /// What depends on the server.
    Branch { condition: &'static str, then: Vec<Step>, otherwise: Vec<Step> },
    /// A line of a comment.
    Comment(String),
    /// An empty line.
    Blank,
}

impl Step {
    pub(super) fn statement(rust: String) -> Self {
        Self { kind: StepKind::Statement(rust), outside: false }
    }

    /// A call that does not work in a transaction.
    pub(super) fn outside(rust: String) -> Self {
        Self { kind: StepKind::Statement(rust), outside: true }
    }

    pub(super) fn comment(text: impl Into<String>) -> Self {
        Self { kind: StepKind::Comment(text.into()), outside: false }
    }

    pub(super) fn blank() -> Self {
        Self { kind: StepKind::Blank, outside: false }
    }

    /// Whether it only speaks to the reader.
    pub(super) fn is_silent(&self) -> bool {
        matches!(self.kind, StepKind::Comment(_) | StepKind::Blank)
    }

    /// What runs only on some servers; nothing but a comment has none of it to say.
    pub(super) fn branch(condition: &'static str, then: Vec<Step>, otherwise: Vec<Step>) -> Self {
        let outside = then.iter().chain(&otherwise).any(|step| step.outside);
        Self { kind: StepKind::Branch { condition, then, otherwise }, outside }
    }

    pub(super) fn change(table: impl Into<String>, method: &'static str, arguments: String) -> Self {
        Self { kind: StepKind::Change { table: table.into(), method, arguments }, outside: false }
    }
}

/// Puts the changes of each table that follow each other together, as a batch does, with the comments between them.
///
/// A column that is renamed ends a group: what follows may mean the new name.
pub(super) fn grouped(steps: Vec<Step>) -> Vec<Step> {
    let mut grouped: Vec<Step> = Vec::new();
    let mut group: Vec<Step> = Vec::new();
    for step in steps {
        let last = group.iter().rev().find(|step| !step.is_silent());
        let goes_on = match (&step.kind, last.map(|last| &last.kind)) {
            (_, Some(_)) if step.is_silent() => true,
            (
                StepKind::Change { table, method, .. },
                Some(StepKind::Change { table: before, method: last, .. }),
            ) => table == before && *last != "rename_column" && *method != "rename_column",
            _ => false,
        };
        if !goes_on {
            grouped.extend(together(std::mem::take(&mut group)));
        }
        if matches!(step.kind, StepKind::Change { .. }) || goes_on {
            group.push(step);
        } else {
            grouped.push(step);
        }
    }
    grouped.extend(together(group));
    grouped
}

/// One `alter_table` of several changes; what is silent at the end stays behind it.
fn together(mut group: Vec<Step>) -> Vec<Step> {
    let changes = group.iter().filter(|step| !step.is_silent()).count();
    let Some(Step { kind: StepKind::Change { table, .. }, outside }) = group.first() else { return group };
    if changes < 2 {
        return group;
    }
    let mut rust = format!("cx.alter_table({table}, |table| {{\n    table");
    let outside = *outside;
    let end = group.iter().rposition(|step| !step.is_silent()).map_or(0, |last| last + 1);
    let behind = group.split_off(end);
    for step in &group {
        match &step.kind {
            StepKind::Change { method, arguments, .. } => {
                let _ = write!(rust, "\n        .{method}({arguments})");
            }
            StepKind::Comment(text) => {
                let _ = write!(rust, "\n        // {}", comment(text));
            }
            StepKind::Statement(_) | StepKind::Branch { .. } | StepKind::Blank => {}
        }
    }
    rust.push_str(";\n})");
    let together = Step { kind: StepKind::Statement(rust), outside };
    std::iter::once(together).chain(behind).collect()
}

/// The body of a function: each step on a line of its own, the last one its value.
pub(super) fn body(steps: &[Step]) -> String {
    let steps = trimmed(steps);
    let last = steps.iter().rposition(|step| !step.is_silent());
    // A branch has no value of its own.
    let ends_with_call = last
        .is_some_and(|last| last + 1 == steps.len() && !matches!(steps[last].kind, StepKind::Branch { .. }));
    let (before, value) = if ends_with_call { steps.split_at(steps.len() - 1) } else { (steps, &[][..]) };
    let mut body = statements(before);
    for step in value {
        body.push_str(&call(step));
        body.push('\n');
    }
    if !ends_with_call {
        body.push_str("Ok(())\n");
    }
    body
}

/// Without empty lines at the start and at the end.
fn trimmed(mut steps: &[Step]) -> &[Step] {
    while let [rest @ .., Step { kind: StepKind::Blank, .. }] = steps {
        steps = rest;
    }
    while let [Step { kind: StepKind::Blank, .. }, rest @ ..] = steps {
        steps = rest;
    }
    steps
}

/// Steps as statements, none of them the value of a function.
fn statements(steps: &[Step]) -> String {
    let mut body = String::new();
    for step in steps {
        match &step.kind {
            StepKind::Comment(text) => body.push_str(format!("// {}", comment(text)).trim_end()),
            StepKind::Blank => {}
            StepKind::Branch { condition, then, otherwise } => {
                let _ = write!(body, "if {condition} {{\n{}}}", statements(trimmed(then)));
                match trimmed(otherwise) {
                    [] => {}
                    only @ [Step { kind: StepKind::Branch { .. }, .. }] => {
                        let _ = write!(body, " else {}", statements(only).trim_end());
                    }
                    otherwise => {
                        let _ = write!(body, " else {{\n{}}}", statements(otherwise));
                    }
                }
            }
            StepKind::Statement(_) | StepKind::Change { .. } => {
                body.push_str(&call(step));
                body.push_str("?;");
            }
        }
        body.push('\n');
    }
    body
}

/// The call that a step is.
fn call(step: &Step) -> String {
    match &step.kind {
        StepKind::Statement(rust) => rust.clone(),
        StepKind::Change { table, method, arguments } => {
            let swapped = matches!(*method, "drop_constraint");
            let (first, second) = if swapped { (arguments, table) } else { (table, arguments) };
            format!("cx.{method}({first}, {second})")
        }
        StepKind::Branch { .. } | StepKind::Comment(_) | StepKind::Blank => String::new(),
    }
}
