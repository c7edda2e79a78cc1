use migrate_core::connection::Dialect;
use migrate_core::operation::{Effect, Operation};
use migrate_core::plan::{Direction, Step};
use migrate_core::preview::{OperationPreview, Preview, StepPreview};
use migrate_core::registry::Declaration;

use super::effect::{Notice, Weight, notices};
use crate::render::text::wrapped;
use crate::ui::{Cell, Column, Palette, Table};

/// How much of a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The operations, and who waits for them.
    Operations,
    /// Also the statements.
    Statements,
}

/// A plan as lines.
pub(crate) struct PlanView<'a> {
    pub(crate) preview: &'a Preview<'a>,
    pub(crate) detail: Detail,
    pub(crate) palette: Palette,
    pub(crate) width: usize,
}

impl PlanView<'_> {
    /// The lines; `declaration` knows what the attribute of a revision says.
    pub(crate) fn lines(&self, declaration: impl Fn(&str) -> Option<&'static Declaration>) -> Vec<String> {
        let steps = || self.preview.plan.steps.iter().zip(&self.preview.steps);
        let mut table = Table::new(vec![Column::Right, Column::Left, Column::Flexible, Column::Left]);
        for (number, (step, preview)) in steps().enumerate() {
            table.row(self.heading(number + 1, step, preview, declaration(step.id())));
        }
        let mut lines = Vec::new();
        for (heading, (_, preview)) in table.lines(self.width).into_iter().zip(steps()) {
            lines.push(heading);
            self.step(preview, &mut lines);
        }
        lines
    }

    fn heading(
        &self,
        number: usize,
        step: &Step<'_>,
        preview: &StepPreview,
        declaration: Option<&Declaration>,
    ) -> Vec<Cell> {
        let palette = self.palette;
        let arrow = if step.direction() == Direction::Upgrade { "↑" } else { "↓" };
        let is_irreversible = declaration.is_some_and(|declaration| declaration.irreversible.is_some());
        let notes = [(is_irreversible, "irreversible"), (!preview.transaction, "no transaction")];
        let notes: Vec<_> = notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect();
        vec![
            Cell::styled(number.to_string(), move |text| palette.faint(text)),
            Cell::styled(format!("{arrow} {}", step.id()), move |text| palette.name(text)),
            Cell::styled(step.message(), move |text| palette.strong(text)),
            Cell::styled(notes.join(", "), move |text| palette.notice(text)),
        ]
    }

    fn step(&self, step: &StepPreview, lines: &mut Vec<String>) {
        for operation in &step.operations {
            self.operation(operation, lines);
        }
        if step.opaque {
            self.put(lines, 3, "Rust on the connection: what it does from here on is not known", |line| {
                self.palette.notice(line)
            });
        } else if step.operations.is_empty() && step.fault.is_none() {
            self.put(lines, 3, "nothing", |line| self.palette.faint(line));
        }
        if let Some(fault) = &step.fault {
            self.put(lines, 3, &format!("✗ stops here: {fault}"), |line| self.palette.bad(line));
        }
    }

    fn operation(&self, preview: &OperationPreview, lines: &mut Vec<String>) {
        match &preview.operation {
            Operation::Data { description } => {
                self.put(lines, 3, &format!("Rust: {description}"), ToOwned::to_owned);
            }
            Operation::Execute(_) => {
                let text = preview.statements.first().map_or("", |preview| preview.statement.sql.as_str());
                self.put(lines, 3, &first_line(text), ToOwned::to_owned);
            }
            operation => self.put(lines, 3, &operation.to_string(), ToOwned::to_owned),
        }
        if self.detail == Detail::Operations {
            self.effect(&preview.effect(), lines);
            return;
        }
        for statement in &preview.statements {
            for line in statement.statement.sql.lines() {
                lines.push(format!("     {}", self.palette.faint(without_controls(line))));
            }
            self.effect(&statement.effect, lines);
        }
    }

    fn effect(&self, effect: &Effect, lines: &mut Vec<String>) {
        for Notice { weight, words, term } in self.notices(effect) {
            let sign = if weight == Weight::Long { "! " } else { "  " };
            let mut all = wrapped(&words, self.width.saturating_sub(5));
            let last = all.pop().unwrap_or_default();
            let paint = |line: &str| match weight {
                Weight::Light => self.palette.faint(line),
                Weight::Brief => self.palette.notice(line),
                Weight::Long => self.palette.bad(line),
            };
            let mut indent = format!("   {}", if sign == "! " { paint(sign) } else { sign.to_owned() });
            for line in all {
                lines.push(format!("{indent}{}", paint(&line)));
                indent = "     ".to_owned();
            }
            let term = term.map(|term| format!("  {}", self.palette.faint(term))).unwrap_or_default();
            lines.push(format!("{indent}{}{term}", paint(&last)));
        }
    }

    /// On SQLite a step keeps other writers out whatever it does; what its statements lock is no question there.
    fn notices(&self, effect: &Effect) -> Vec<Notice> {
        let unknown = effect.unknown && self.preview.dialect != Dialect::Sqlite;
        notices(&Effect { unknown, ..effect.clone() }, &self.preview.tables)
    }

    fn put(&self, lines: &mut Vec<String>, indent: usize, text: &str, paint: impl Fn(&str) -> String) {
        let text = without_controls(text);
        for (number, line) in wrapped(&text, self.width.saturating_sub(indent + 2)).iter().enumerate() {
            let indent = if number == 0 { indent } else { indent + 2 };
            lines.push(format!("{}{}", " ".repeat(indent), paint(line)));
        }
    }
}

/// What a text of SQL begins with, for who knows it from there.
fn first_line(sql: &str) -> String {
    let mut lines = sql.trim().lines().map(str::trim_end);
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}

/// What a terminal would obey is a space.
fn without_controls(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}
