use migrate_core::connection::Dialect;
use migrate_core::operation::{Effect, Operation};
use migrate_core::plan::{Direction, Step};
use migrate_core::preview::{BackfillPreview, OperationPreview, Preview, StepPreview};
use migrate_core::registry::Declaration;
use migrate_core::runner::RevisionFinding;
use migrate_core::safety::{Finding, Level};

use unicode_width::UnicodeWidthStr as _;

use super::backfill::{self, Words};
use super::effect::{Held, Notice, Weight, notices, takes_its_time};
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
    /// What the safety rules found in its steps.
    pub(crate) findings: &'a [RevisionFinding],
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

    /// The numbers of the steps during which others wait for long.
    pub(crate) fn long_waits(&self) -> Vec<usize> {
        let is_long = |step: &StepPreview| {
            step.operations.iter().enumerate().any(|(index, operation)| {
                let notices = self.notices(&operation.effect(), held(step, index));
                notices.iter().any(|notice| notice.weight == Weight::Long)
            })
        };
        let steps = self.preview.steps.iter().enumerate();
        steps.filter(|(_, step)| is_long(step)).map(|(index, _)| index + 1).collect()
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
        let is_backfill = preview.backfill.is_some();
        let outside = !preview.transaction && !is_backfill;
        let notes =
            [(is_irreversible, "irreversible"), (is_backfill, "backfill"), (outside, "no transaction")];
        let notes: Vec<_> = notes.into_iter().filter_map(|(holds, note)| holds.then_some(note)).collect();
        vec![
            Cell::styled(number.to_string(), move |text| palette.faint(text)),
            Cell::styled(format!("{arrow} {}", step.id()), move |text| palette.name(text)),
            Cell::styled(step.message(), move |text| palette.strong(text)),
            Cell::styled(notes.join(", "), move |text| palette.notice(text)),
        ]
    }

    fn step(&self, step: &StepPreview, lines: &mut Vec<String>) {
        let findings = || self.findings.iter().filter(|found| found.revision == step.revision);
        let at = |index: Option<usize>| {
            findings().filter(move |found| found.finding.place.as_ref().map(|place| place.index) == index)
        };
        for (index, operation) in step.operations.iter().enumerate() {
            self.operation(operation, held(step, index), lines);
            at(Some(index)).for_each(|found| self.finding(&found.finding, lines));
        }
        at(None).for_each(|found| self.finding(&found.finding, lines));
        if let Some(preview) = &step.backfill {
            self.backfill(step, preview, lines);
        } else if step.opaque {
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

    fn backfill(&self, step: &StepPreview, preview: &BackfillPreview, lines: &mut Vec<String>) {
        let Words { does, notice, term } =
            backfill::words(preview, self.preview.dialect, &step.revision, step.transaction);
        for words in &does {
            self.put(lines, 3, words, ToOwned::to_owned);
        }
        let words = notice.to_owned();
        self.notice(Notice { weight: Weight::Light, words, term: term.map(str::to_owned) }, lines);
    }

    fn operation(&self, preview: &OperationPreview, held: Held, lines: &mut Vec<String>) {
        match &preview.operation {
            Operation::Data { description, .. } => {
                self.put(lines, 3, &format!("Rust: {description}"), ToOwned::to_owned);
            }
            Operation::Execute(_) => {
                let text = preview.statements.first().map_or("", |preview| preview.statement.sql.as_str());
                self.put(lines, 3, &first_line(text), ToOwned::to_owned);
            }
            operation => self.put(lines, 3, &operation.to_string(), ToOwned::to_owned),
        }
        if self.detail == Detail::Operations {
            self.effect(&preview.effect(), held, lines);
            return;
        }
        for statement in &preview.statements {
            for line in statement.statement.sql.lines() {
                lines.push(format!("     {}", self.palette.faint(without_controls(line))));
            }
            self.effect(&statement.effect, held, lines);
        }
    }

    fn effect(&self, effect: &Effect, held: Held, lines: &mut Vec<String>) {
        for notice in self.notices(effect, held) {
            self.notice(notice, lines);
        }
    }

    fn notice(&self, Notice { weight, words, term }: Notice, lines: &mut Vec<String>) {
        let sign = if weight == Weight::Long { "! " } else { "  " };
        let mut all = wrapped(&words, self.width.saturating_sub(5));
        let last = all.pop().unwrap_or_default();
        let paint = |line: &str| match weight {
            Weight::Light => self.palette.faint(line),
            Weight::Brief => self.palette.notice(line),
            Weight::Long => self.palette.bad(line),
        };
        let first = format!("   {}", if sign == "! " { paint(sign) } else { sign.to_owned() });
        let rest = "     ".to_owned();
        let indent = if all.is_empty() { first.clone() } else { rest.clone() };
        for (number, line) in all.iter().enumerate() {
            let indent = if number == 0 { &first } else { &rest };
            lines.push(format!("{indent}{}", paint(line)));
        }
        let Some(term) = term else {
            lines.push(format!("{indent}{}", paint(&last)));
            return;
        };
        let fits = 5 + last.width() + 2 + term.width() <= self.width;
        if fits {
            lines.push(format!("{indent}{}  {}", paint(&last), self.palette.faint(term)));
        } else {
            lines.push(format!("{indent}{}", paint(&last)));
            lines.push(format!("     {}", self.palette.faint(term)));
        }
    }

    /// What a rule found, with the code that does the same safely.
    fn finding(&self, finding: &Finding, lines: &mut Vec<String>) {
        let palette = self.palette;
        if let Some(reason) = finding.excuse {
            self.put(lines, 5, &format!("{} is allowed: {reason}", finding.rule.name), |line| {
                palette.faint(line)
            });
            return;
        }
        let is_denied = finding.level == Level::Deny;
        let words =
            format!("{}{}: {}", if is_denied { "denied, " } else { "" }, finding.rule.name, finding.danger);
        self.put(lines, 5, &words, |line| if is_denied { palette.bad(line) } else { palette.notice(line) });
        let Some(alternative) = &finding.alternative else { return };
        lines.push(format!("       {}", palette.faint("instead:")));
        for line in alternative.to_string().lines() {
            lines.push(format!("         {}", without_controls(line)));
        }
    }

    /// On SQLite a step keeps other writers out whatever it does; what its statements lock is no question there.
    fn notices(&self, effect: &Effect, held: Held) -> Vec<Notice> {
        let unknown = effect.unknown && self.preview.dialect != Dialect::Sqlite;
        notices(&Effect { unknown, ..effect.clone() }, &self.preview.tables, held)
    }

    fn put(&self, lines: &mut Vec<String>, indent: usize, text: &str, paint: impl Fn(&str) -> String) {
        let text = without_controls(text);
        for (number, line) in wrapped(&text, self.width.saturating_sub(indent + 2)).iter().enumerate() {
            let indent = if number == 0 { indent } else { indent + 2 };
            lines.push(format!("{}{}", " ".repeat(indent), paint(line)));
        }
    }
}

/// How long the locks of an operation are held: to the end of its transaction, so beyond what comes after it.
fn held(step: &StepPreview, index: usize) -> Held {
    let rest = step.operations.get(index + 1..).unwrap_or_default();
    let slow = |operation: &OperationPreview| {
        matches!(operation.operation, Operation::Data { .. }) || takes_its_time(&operation.effect())
    };
    if step.transaction && (step.opaque || rest.iter().any(slow)) {
        Held::UntilTheStepEnds
    } else {
        Held::Shortly
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
