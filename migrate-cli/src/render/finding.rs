//! What safety rules found: for people on stderr, and for programs.

use migrate_core::runner::RevisionFinding;
use migrate_core::safety::Level;
use serde::Serialize;

use crate::ui::Printer;

/// Tells a finding with the code that does the same safely; an excused one only to those who want to see more.
pub(crate) fn tell(printer: &Printer, found: &RevisionFinding) {
    let finding = &found.finding;
    match finding.level {
        Level::Allow => {
            let reason = finding.excuse.unwrap_or_default();
            printer.detail(format_args!("allowed: {found}: {reason}"));
            return;
        }
        Level::Warn => printer.warning(found),
        Level::Deny => printer.say(format_args!("{} {found}", printer.talk_palette().bad("denied:"))),
    }
    let lock = finding.lock.as_ref().map(|(table, lock)| format!(" ({lock} on {table})"));
    printer.say(format_args!("  {}{}", finding.danger, lock.unwrap_or_default()));
    if let Some(alternative) = &finding.alternative {
        printer.say("  instead:");
        alternative.to_string().lines().for_each(|line| printer.say(format_args!("    {line}")));
    }
    printer.say(format_args!("  {}", printer.talk_palette().faint(finding.rule.docs())));
}

/// A finding as JSON has it.
#[derive(Debug, Serialize)]
pub(crate) struct FindingBody<'a> {
    revision: &'a str,
    direction: String,
    rule: &'static str,
    level: String,
    /// Why the migration excuses itself; its level is `allow` then.
    excuse: Option<&'static str>,
    operation: Option<Operation<'a>>,
    danger: &'a str,
    lock: Option<Lock>,
    instead: Option<String>,
    docs: String,
}

#[derive(Debug, Serialize)]
struct Operation<'a> {
    index: usize,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct Lock {
    table: String,
    mode: String,
}

impl<'a> From<&'a RevisionFinding> for FindingBody<'a> {
    fn from(found: &'a RevisionFinding) -> Self {
        let finding = &found.finding;
        let place = finding.place.as_ref();
        let lock = finding.lock.as_ref();
        Self {
            revision: &found.revision,
            direction: found.direction.to_string(),
            rule: finding.rule.name,
            level: finding.level.to_string(),
            excuse: finding.excuse,
            operation: place.map(|place| Operation { index: place.index, text: &place.operation }),
            danger: &finding.danger,
            lock: lock.map(|(table, lock)| Lock { table: table.to_string(), mode: lock.to_string() }),
            instead: finding.alternative.as_ref().map(ToString::to_string),
            docs: finding.rule.docs(),
        }
    }
}
