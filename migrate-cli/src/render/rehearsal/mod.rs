//! The screen of `backfill run --dry-run`.

mod rows;
mod value;

use std::time::Duration;

use migrate_core::connection::Dialect;
use migrate_core::rehearsal::{Ended, Rehearsal, Remaining, TableChanges};

use self::rows::Rows;
use super::plan::bytes_in_words;
use super::text::{lasting, list, rows, thousands, took, wrapped};
use crate::ui::Palette;

/// The width of the names of the head.
const NAMES: usize = 10;

/// What the screen shows.
pub(crate) struct Screen<'a> {
    pub(crate) rehearsal: &'a Rehearsal,
    pub(crate) message: &'a str,
    /// How many rows of each table.
    pub(crate) shown: usize,
    pub(crate) palette: Palette,
    pub(crate) width: usize,
}

impl Screen<'_> {
    /// The whole screen, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.head();
        for table in &self.rehearsal.tables {
            lines.push(String::new());
            lines.extend(self.table(table));
        }
        if let Some(unseen) = &self.rehearsal.unseen {
            lines.push(String::new());
            self.put(&mut lines, "", &value::visible(unseen), |text| self.palette.notice(text));
        }
        if !self.rehearsal.findings.is_empty() {
            lines.push(String::new());
            lines.push(self.palette.strong("Findings"));
            for finding in &self.rehearsal.findings {
                let text = value::visible(&finding.to_string());
                self.put(&mut lines, "✗ ", &text, |text| self.palette.bad(text));
            }
        }
        lines
    }

    fn head(&self) -> Vec<String> {
        let rehearsal = self.rehearsal;
        let mut lines = Vec::new();
        let title = format!("{} {}", self.palette.name(&rehearsal.revision), self.message);
        lines.push(format!("{} {title}", self.name("Rehearsal")));
        self.fact(&mut lines, "Sample", &self.sample());
        self.fact(&mut lines, "To do", &self.to_do());
        self.fact(&mut lines, "Takes", &self.takes());
        self.fact(&mut lines, "Writes", &self.writes());
        if !rehearsal.sequences.is_empty() {
            let names: Vec<_> = rehearsal.sequences.iter().map(|name| value::visible(name)).collect();
            let moved = format!("{} moved on: a sequence does not go back", list(&names, 5));
            self.fact(&mut lines, "Sequences", &moved);
        }
        lines
    }

    fn name(&self, name: &str) -> String {
        self.palette.strong(format_args!("{name:<NAMES$}"))
    }

    fn fact(&self, lines: &mut Vec<String>, name: &str, text: &str) {
        let indent = " ".repeat(NAMES + 1);
        for (number, line) in wrapped(text, self.width.saturating_sub(NAMES + 1)).into_iter().enumerate() {
            let start = if number == 0 { format!("{} ", self.name(name)) } else { indent.clone() };
            lines.push(format!("{start}{line}"));
        }
    }

    fn put(&self, lines: &mut Vec<String>, mark: &str, text: &str, paint: impl Fn(&str) -> String) {
        for (number, line) in wrapped(text, self.width.saturating_sub(4)).into_iter().enumerate() {
            let start = if number == 0 { mark } else { "  " };
            lines.push(format!("  {}", paint(&format!("{start}{line}"))));
        }
    }

    fn sample(&self) -> String {
        let rehearsal = self.rehearsal;
        let sampled = rows(rehearsal.rows);
        let after = rehearsal.after.as_deref().map(value::visible);
        let place = match (rehearsal.places, after) {
            (2.., None) => format!(" from {} places of the table", rehearsal.places),
            (2.., Some(after)) => {
                format!(" from {} places of the table, the first after {after}", rehearsal.places)
            }
            (_, None) => " from the beginning of the table".to_owned(),
            (_, Some(after)) => format!(" after {after}"),
        };
        let ended = match rehearsal.ended {
            Ended::AllRows if rehearsal.rows == 0 => return "no row is left to do".to_owned(),
            Ended::AllRows => match rehearsal.to_do {
                Some(to_do) if to_do > rehearsal.rows + rehearsal.bad_rows() => {
                    ", all that nobody is at work on"
                }
                _ if rehearsal.bad_rows() > 0 => ", all there are but those that fail",
                _ => ", all there are",
            },
            Ended::OutOfTime => ", for more would have kept others waiting",
            Ended::Failed => ", ended by failures",
            Ended::Stopped => ", ended on request",
            Ended::Full => "",
        };
        format!("{sampled}{place}{ended}; rolled back after {}", took(rehearsal.elapsed))
    }

    fn to_do(&self) -> String {
        match (self.rehearsal.remaining, self.rehearsal.to_do) {
            (Remaining::Rows(remaining), Some(visited)) if visited != remaining => {
                format!("{}; `remaining` counts {}", rows(visited), thousands(remaining))
            }
            (Remaining::Rows(remaining), _) => rows(remaining),
            (Remaining::TooLong, _) => "not known: `remaining` takes longer than 10 s".to_owned(),
            (Remaining::Failed, _) => "not known: `remaining` fails".to_owned(),
        }
    }

    fn takes(&self) -> String {
        let Some(projection) = &self.rehearsal.projection else {
            return "not known".to_owned();
        };
        let (likely, cautious) = (about(projection.time.likely), about(projection.time.cautious));
        let range =
            if likely == cautious { format!("about {likely}") } else { format!("{likely} to {cautious}") };
        format!(
            "{range} for {} with one worker, without commits: median to slowest tenth",
            rows(projection.rows),
        )
    }

    fn writes(&self) -> String {
        let rehearsal = self.rehearsal;
        if rehearsal.dialect == Dialect::Sqlite {
            let grows = rehearsal.growth_bytes.unwrap_or_default();
            return match grows {
                0 => "the file would not grow by the sample".to_owned(),
                _ => format!("the file would grow by {} for the sample", bytes_in_words(grows)),
            };
        }
        match rehearsal.projection.as_ref().and_then(|projection| projection.log_bytes) {
            Some(bytes) => {
                let (likely, cautious) = (bytes_in_words(bytes.likely), bytes_in_words(bytes.cautious));
                let range = if likely == cautious { likely } else { format!("{likely} to {cautious}") };
                format!("{range} of write-ahead log at most: what others write meanwhile is counted, too")
            }
            None => "not known".to_owned(),
        }
    }

    fn table(&self, table: &TableChanges) -> Vec<String> {
        let parts = [(table.inserted, "inserted"), (table.updated, "updated"), (table.deleted, "deleted")];
        let parts: Vec<_> = parts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{} {what}", thousands(number)))
            .collect();
        let of = match self.rehearsal.counted_rows {
            counted if counted == self.rehearsal.rows => String::new(),
            counted => format!(" by the first {}", rows(counted)),
        };
        let name = value::visible(&table.table.to_string());
        let mut lines = vec![format!("{}  {}{of}", self.palette.strong(name), parts.join(", "))];
        let changes = chosen(&table.examples, self.shown);
        lines.extend(Rows { changes, palette: self.palette, width: self.width }.lines());
        if let Some(unseen) = &table.unseen {
            let unseen = format!("not shown: {}", value::visible(unseen));
            self.put(&mut lines, "", &unseen, |text| self.palette.notice(text));
        }
        lines
    }
}

/// So many of the examples, from all over them.
fn chosen<T>(examples: &[T], shown: usize) -> Vec<&T> {
    let total = examples.len();
    let shown = shown.min(total);
    (0..shown).map(|number| &examples[number * total / shown]).collect()
}

/// A time that is projected, and so not known to the second.
fn about(time: Duration) -> String {
    if time < Duration::from_secs(60) { took(time) } else { lasting(time) }
}
