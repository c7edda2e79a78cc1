//! A revision as a line of history and as a block of facts, worded as Alembic words them.

use std::fmt::Write as _;
use std::path::Path;

use migrate_core::graph::RevisionGraph;
use migrate_core::registry::Declaration;
use migrate_core::revision::Revision;

use crate::ui::Palette;

/// What is told of a revision on a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) graph: &'a RevisionGraph,
    pub(crate) palette: Palette,
    /// Paths below it are shown from there.
    pub(crate) directory: &'a Path,
    /// Whether the line starts with where the revision leads from.
    pub(crate) parents: bool,
}

impl Line<'_> {
    /// `<base> -> abc (label) (head) (note), message`.
    pub(crate) fn of(&self, revision: &Revision, current: bool, note: Option<&str>) -> String {
        let Self { graph, palette, parents, .. } = *self;
        let mut line = String::new();
        if parents {
            line.push_str(&palette.faint(origin(revision)));
            let dependencies: Vec<_> = graph.dependencies(&revision.id).collect();
            if !dependencies.is_empty() {
                line.push_str(&palette.faint(format_args!(" ({})", dependencies.join(", "))));
            }
            line.push_str(&palette.faint(" -> "));
        }
        line.push_str(&palette.name(&revision.id));
        let labels = graph.labels(&revision.id);
        if !labels.is_empty() {
            line.push_str(&palette.notice(format_args!(" ({})", labels.join(", "))));
        }
        line.push_str(&marks(graph, &revision.id, current, palette));
        if let Some(note) = note {
            line.push_str(&palette.notice(format_args!(" ({note})")));
        }
        if !revision.message.is_empty() {
            line.push_str(", ");
            line.push_str(&one_line(&revision.message));
        }
        line
    }

    /// The facts of a revision, a line each, and its message.
    pub(crate) fn block(
        &self,
        revision: &Revision,
        declaration: Option<&Declaration>,
        current: bool,
    ) -> String {
        let Self { graph, palette, .. } = *self;
        let id = revision.id.as_ref();
        let mut lines = vec![("Rev", format!("{}{}", palette.name(id), marks(graph, id, current, palette)))];
        match revision.down_revisions.as_slice() {
            [] | [_] => lines.push(("Parent", origin(revision))),
            parents => lines.push(("Merges", parents.join(", "))),
        }
        let mut add = |name, items: Vec<&str>| {
            if !items.is_empty() {
                lines.push((name, items.join(", ")));
            }
        };
        add("Also depends on", graph.dependencies(id).collect());
        add("Required by", graph.dependents(id).collect());
        let children: Vec<_> = graph.children(id).collect();
        add("Branches into", if children.len() > 1 { children } else { Vec::new() });
        add("Branch names", graph.labels(id));
        if let Some(declaration) = declaration {
            if let Some(reason) = declaration.irreversible {
                lines.push(("Irreversible", reason.to_owned()));
            }
            if !declaration.transaction {
                lines.push(("Transaction", "none".to_owned()));
            }
            let file = Path::new(declaration.file);
            let file = file.strip_prefix(self.directory).unwrap_or(file);
            lines.push(("Path", format!("{}:{}", file.display(), declaration.line)));
        }
        let mut block = String::new();
        for (name, value) in lines {
            let _ = writeln!(block, "{} {value}", palette.faint(format_args!("{name}:")));
        }
        if !revision.message.is_empty() {
            let _ = writeln!(block, "\n    {}", one_line(&revision.message));
        }
        block
    }
}

fn origin(revision: &Revision) -> String {
    match revision.down_revisions.as_slice() {
        [] => "<base>".to_owned(),
        parents => parents.join(", "),
    }
}

fn marks(graph: &RevisionGraph, id: &str, current: bool, palette: Palette) -> String {
    let mut marks = String::new();
    let children = graph.children(id).count();
    if children == 0 {
        let real = graph.dependents(id).next().is_none();
        marks.push_str(&palette.good(if real { " (head)" } else { " (effective head)" }));
    }
    if current {
        marks.push_str(&palette.strong(" (current)"));
    }
    if children > 1 {
        marks.push_str(&palette.notice(" (branchpoint)"));
    }
    if graph.parents(id).count() > 1 {
        marks.push_str(&palette.notice(" (mergepoint)"));
    }
    marks
}

fn one_line(message: &str) -> String {
    message.replace(|character: char| character.is_control(), " ")
}
