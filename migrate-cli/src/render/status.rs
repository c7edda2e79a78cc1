//! The screen of `status`.

use std::time::Duration;

use migrate_core::graph::RevisionGraph;
use migrate_core::runner::{RevisionState, RevisionStatus, Status};

use super::deferred;
use super::json::Counts;
use super::text::{count, took};
use crate::settings::Database;
use crate::ui::{Cell, Column, Palette, Table};

/// How many applied revisions are shown when not all are wanted: the latest.
const APPLIED_SHOWN: usize = 10;
/// How many pending revisions are shown when not all are wanted: the next.
const PENDING_SHOWN: usize = 20;
/// The width from which there is room for who applied a revision.
const WIDE: usize = 100;

/// What the screen shows.
pub(crate) struct Screen<'a> {
    pub(crate) database: &'a Database,
    pub(crate) absent: bool,
    pub(crate) graph: &'a RevisionGraph,
    pub(crate) status: &'a Status,
    pub(crate) palette: Palette,
    pub(crate) width: usize,
    pub(crate) all: bool,
}

impl Screen<'_> {
    /// The whole screen, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.head();
        lines.push(String::new());
        lines.extend(self.table());
        lines
    }

    fn head(&self) -> Vec<String> {
        let palette = self.palette;
        let counts = Counts::of(self.status);
        let database = match (self.absent, self.status.has_ledger) {
            (true, _) => palette.faint(" (does not exist yet)"),
            (_, false) => palette.faint(" (no ledger yet)"),
            _ => String::new(),
        };
        let current = match self.status.heads.as_slice() {
            [] => palette.faint("<base>"),
            heads => heads.iter().map(|head| self.head_name(head)).collect::<Vec<_>>().join(", "),
        };
        let mut tally = vec![palette.good(format_args!("{} applied", counts.applied))];
        let mut add = |number: usize, word: &str, paint: &dyn Fn(String) -> String| {
            if number > 0 {
                tally.push(paint(format!("{number} {word}")));
            }
        };
        add(counts.pending, "pending", &|text| palette.notice(text));
        add(counts.unfinished - counts.filling, "unfinished", &|text| palette.bad(text));
        add(counts.filling, "filling", &|text| palette.notice(text));
        add(counts.waiting, "waiting for a backfill", &|text| palette.faint(text));
        add(counts.edited, "edited", &|text| palette.notice(text));
        add(counts.unknown, "unknown", &|text| palette.bad(text));
        let row =
            |name: &str, value: String| format!("{} {value}", palette.strong(format_args!("{name:<9}")));
        vec![
            row("Database", format!("{}{database}", self.database.url)),
            row("Current", current),
            row("Revisions", tally.join(", ")),
        ]
    }

    fn head_name(&self, head: &str) -> String {
        let mark = if self.graph.children(head).next().is_none() { " (head)" } else { "" };
        format!("{}{}", self.palette.name(head), self.palette.good(mark))
    }

    fn table(&self) -> Vec<String> {
        let (wide, palette) = (self.width >= WIDE, self.palette);
        let mut columns = vec![Column::Left, Column::Left, Column::Flexible, Column::Left, Column::Right];
        if wide {
            columns.push(Column::Left);
        }
        let mut table = Table::new(columns);
        let titles = ["", "Revision", "Message", "Applied (UTC)", "Took", "By"];
        let title = |text: &str| Cell::styled(text, move |text| palette.faint(text));
        table.row(titles.iter().take(if wide { 6 } else { 5 }).map(|text| title(text)).collect());
        // Nobody wants to scroll through a thousand applied revisions to the pending ones.
        let settled =
            |revision: &&RevisionStatus| revision.state == RevisionState::Applied && !revision.edited;
        let pending = |revision: &&RevisionStatus| revision.state == RevisionState::Pending;
        let all = &self.status.revisions;
        let older = all.iter().filter(settled).count().saturating_sub(APPLIED_SHOWN);
        let later = all.iter().filter(pending).count().saturating_sub(PENDING_SHOWN);
        let (older, later) = if self.all { (0, 0) } else { (older, later) };
        let (mut skipped, mut shown_pending) = (0, 0);
        for revision in all {
            if settled(&revision) && skipped < older {
                skipped += 1;
                continue;
            }
            if pending(&revision) {
                shown_pending += 1;
                if later > 0 && shown_pending > PENDING_SHOWN {
                    continue;
                }
            }
            table.row(self.row(revision, wide));
        }
        let mut lines = Vec::new();
        if older > 0 {
            let text = format!("… {}, `status --all` shows them", count(older, "earlier revision"));
            lines.push(self.palette.faint(text));
        }
        lines.extend(table.lines(self.width));
        if later > 0 {
            let text = format!("… {}, `status --all` shows them", count(later, "later revision"));
            lines.push(self.palette.faint(text));
        }
        lines
    }

    fn row(&self, status: &RevisionStatus, wide: bool) -> Vec<Cell> {
        let palette = self.palette;
        let row = status.row.as_ref();
        let known = self.graph.get(&status.revision).map(|revision| revision.message.as_ref());
        let message = known.or(row.map(|row| row.message.as_str())).unwrap_or_default();
        let at =
            row.map(|row| row.applied_at.get(..16).unwrap_or_default().replace('T', " ")).unwrap_or_default();
        let (mark, paint, when): (_, fn(Palette, String) -> String, _) = match status.state {
            RevisionState::Applied if status.edited => ("✎", |p, text| p.notice(text), at),
            RevisionState::Applied => ("✓", |p, text| p.good(text), at),
            RevisionState::Pending => {
                let note = deferred::note(status);
                let when = match note {
                    Some(note) if status.is_due => format!("pending, {note}"),
                    Some(note) => note,
                    None => "pending".to_owned(),
                };
                ("○", |p, text| p.notice(text), when)
            }
            RevisionState::Running if status.filled.is_some() => {
                ("◐", |p, text| p.notice(text), deferred::note(status).unwrap_or_default())
            }
            RevisionState::Running | RevisionState::Reverting => {
                ("◐", |p, text| p.bad(text), "unfinished".to_owned())
            }
            RevisionState::Unknown => ("?", |p, text| p.bad(text), at),
        };
        let message = match status.state {
            RevisionState::Applied if status.edited => format!("{message} (edited)"),
            RevisionState::Unknown => format!("{message} (unknown here)"),
            _ => message.to_owned(),
        };
        let duration = match (row, status.state) {
            (Some(row), _) if row.duration_ms.is_some() => {
                row.duration_ms.map(|ms| took(Duration::from_millis(ms))).unwrap_or_default()
            }
            (Some(_), RevisionState::Applied) => "stamped".to_owned(),
            _ => String::new(),
        };
        let pending = matches!(status.state, RevisionState::Pending | RevisionState::Running);
        let mut cells = vec![
            Cell::styled(mark, move |text| paint(palette, text)),
            Cell::styled(status.revision.clone(), move |text| palette.name(text)),
            Cell::new(message),
            Cell::styled(when, move |text| if pending { palette.notice(text) } else { palette.faint(text) }),
            Cell::styled(duration, move |text| palette.faint(text)),
        ];
        if wide {
            let who = row.map(|row| row.applied_by.clone()).unwrap_or_default();
            cells.push(Cell::styled(who, move |text| palette.faint(text)));
        }
        cells
    }
}
