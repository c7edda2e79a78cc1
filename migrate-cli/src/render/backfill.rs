//! The screens of `backfill list` and `backfill status`.

use migrate_core::runner::{BackfillState, BackfillStatus, RejectedRow, WorkerStatus};

use super::meter::{Numbers, batches_of};
use super::text::{lasting, list, rows, thousands};
use crate::ui::{Cell, Column, Palette, Table};

/// How a state looks.
type Look = (&'static str, fn(Palette, String) -> String);

fn look(state: BackfillState) -> Look {
    match state {
        BackfillState::Running => ("◐", |p, text| p.good(text)),
        BackfillState::Stopped => ("◐", |p, text| p.notice(text)),
        BackfillState::Paused => ("‖", |p, text| p.notice(text)),
        BackfillState::Stalled => ("!", |p, text| p.bad(text)),
        BackfillState::Cancelled => ("✗", |p, text| p.bad(text)),
        BackfillState::Done => ("✓", |p, text| p.good(text)),
        _ => ("○", |p, text| p.notice(text)),
    }
}

fn numbers(status: &BackfillStatus) -> Numbers {
    Numbers {
        rows: status.rows,
        batches: status.batches,
        rejected: status.rejected,
        total: status.total,
        workers: u32::try_from(status.workers.len()).unwrap_or(u32::MAX),
    }
}

fn alive(status: &BackfillStatus) -> usize {
    status.workers.iter().filter(|worker| worker.is_alive).count()
}

/// A time of the database to the second.
fn at(time: &str) -> String {
    time.get(..19).unwrap_or(time).replace('T', " ") + " UTC"
}

/// The lines of `backfill list`.
pub(crate) fn table(all: &[BackfillStatus], palette: Palette, width: usize) -> Vec<String> {
    let mut table = Table::new(vec![
        Column::Left,
        Column::Left,
        Column::Flexible,
        Column::Left,
        Column::Right,
        Column::Right,
        Column::Right,
        Column::Right,
    ]);
    let titles = ["", "Revision", "Message", "State", "Done", "Rows", "Rejected", "Workers"];
    table.row(titles.iter().map(|title| Cell::styled(*title, move |text| palette.faint(text))).collect());
    for status in all {
        let (mark, paint) = look(status.state);
        let begun = status.started_at.is_some();
        let percent = match status.state {
            BackfillState::Done => None,
            _ => numbers(status).percent().filter(|_| begun),
        };
        let number = |number: u64| if number == 0 { String::new() } else { thousands(number) };
        table.row(vec![
            Cell::styled(mark, move |text| paint(palette, text)),
            Cell::styled(status.revision.clone(), move |text| palette.name(text)),
            Cell::new(status.message.clone()),
            Cell::styled(status.state.to_string(), move |text| paint(palette, text)),
            Cell::new(percent.map(|percent| format!("{percent} %")).unwrap_or_default()),
            Cell::new(if begun { thousands(status.rows) } else { String::new() }),
            Cell::styled(number(status.rejected + status.blocking), move |text| palette.bad(text)),
            Cell::new(number(u64::try_from(alive(status)).unwrap_or(u64::MAX))),
        ]);
    }
    table.lines(width)
}

/// What `backfill status` shows.
pub(crate) struct Screen<'a> {
    pub(crate) status: &'a BackfillStatus,
    pub(crate) rejected: &'a [RejectedRow],
    pub(crate) palette: Palette,
    pub(crate) width: usize,
}

impl Screen<'_> {
    /// The whole screen, line by line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.head();
        if !self.status.workers.is_empty() {
            lines.push(String::new());
            lines.extend(self.workers());
        }
        if !self.rejected.is_empty() {
            lines.push(String::new());
            lines.extend(self.rejected_rows());
        }
        lines
    }

    fn head(&self) -> Vec<String> {
        let (status, palette) = (self.status, self.palette);
        let (mark, paint) = look(status.state);
        let row =
            |name: &str, value: String| format!("{} {value}", palette.strong(format_args!("{name:<9}")));
        let mut lines = vec![
            row("Backfill", format!("{} {}", palette.name(&status.revision), status.message)),
            row("State", format!("{}{}", paint(palette, format!("{mark} {}", status.state)), self.why())),
        ];
        let Some(started_at) = &status.started_at else { return lines };
        let numbers = numbers(status);
        let percent = numbers.percent().filter(|_| status.state != BackfillState::Done);
        let percent = percent.map(|percent| format!("{percent} %, ")).unwrap_or_default();
        let done = if status.state == BackfillState::Done { rows(status.rows) } else { numbers.done() };
        lines.push(row("Rows", format!("{percent}{done} in {}", batches_of(status.batches))));
        if status.rejected > 0 {
            lines.push(row("Rejected", palette.bad(rows(status.rejected))));
        }
        if status.blocking > 0 {
            lines.push(row("Blocked", palette.bad(format_args!("by {}", rows(status.blocking)))));
        }
        lines.push(row("Began", at(started_at)));
        match (&status.finished_at, &status.updated_at) {
            (Some(finished), _) => lines.push(row("Finished", at(finished))),
            (None, Some(updated)) => lines.push(row("Latest", at(updated))),
            (None, None) => {}
        }
        lines
    }

    /// What the state alone does not say.
    fn why(&self) -> String {
        let (alive, all) = (alive(self.status), self.status.workers.len());
        match self.status.state {
            BackfillState::Blocked => format!(", waits for {}", list(&self.status.waits_for, 5)),
            BackfillState::Pending => ", has not begun".to_owned(),
            BackfillState::Running if alive == 1 => ", 1 worker".to_owned(),
            BackfillState::Running => format!(", {alive} workers"),
            BackfillState::Stopped => ", nobody works on it".to_owned(),
            BackfillState::Stalled => {
                format!(", {}", if all == 1 { "its worker is gone" } else { "its workers are gone" })
            }
            // Only those that have a piece can be seen.
            BackfillState::Paused if alive > 0 => ", its workers wait".to_owned(),
            BackfillState::Done if self.status.started_at.is_none() => {
                ", recorded without being run".to_owned()
            }
            _ => String::new(),
        }
    }

    fn workers(&self) -> Vec<String> {
        let palette = self.palette;
        let mut table =
            Table::new(vec![Column::Left, Column::Right, Column::Right, Column::Flexible, Column::Left]);
        let titles = ["Worker", "Piece", "Rows", "Up to", "Heartbeat"];
        table.row(titles.iter().map(|title| Cell::styled(*title, move |text| palette.faint(text))).collect());
        for WorkerStatus { worker, piece, position, rows, heartbeat_age, is_alive } in &self.status.workers {
            let is_alive = *is_alive;
            let heart = match heartbeat_age.as_secs() {
                0 => "just now".to_owned(),
                _ => format!("{} ago", lasting(*heartbeat_age)),
            };
            let heart = if is_alive { heart } else { format!("{heart}, gone") };
            table.row(vec![
                Cell::new(worker.clone()),
                Cell::new(if *piece == 0 { String::new() } else { piece.to_string() }),
                Cell::new(thousands(*rows)),
                Cell::new(position.clone().unwrap_or_default()),
                Cell::styled(heart, move |text| if is_alive { text } else { palette.bad(text) }),
            ]);
        }
        table.lines(self.width)
    }

    fn rejected_rows(&self) -> Vec<String> {
        let palette = self.palette;
        let mut table = Table::new(vec![Column::Left, Column::Right, Column::Left, Column::Flexible]);
        let titles = ["Row", "Tries", "", "Error"];
        table.row(titles.iter().map(|title| Cell::styled(*title, move |text| palette.faint(text))).collect());
        for row in self.rejected {
            table.row(vec![
                Cell::styled(row.key.clone(), move |text| palette.name(text)),
                Cell::new(thousands(row.attempts)),
                Cell::styled(if row.blocking { "blocking" } else { "rejected" }, move |text| {
                    palette.bad(text)
                }),
                Cell::new(row.error.clone()),
            ]);
        }
        let mut lines = table.lines(self.width);
        let (shown, all) = (
            u64::try_from(self.rejected.len()).unwrap_or(u64::MAX),
            self.status.rejected + self.status.blocking,
        );
        if all > shown {
            let more = rows(all - shown);
            lines.push(
                palette
                    .faint(format_args!("… and {more} more, `backfill status --rejected {all}` shows them")),
            );
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn status(state: BackfillState) -> BackfillStatus {
        BackfillStatus {
            revision: "c3d4e5f6a7b8".to_owned(),
            message: "Fill users.email_normalized".to_owned(),
            state,
            waits_for: Vec::new(),
            rows: 1_234_567,
            batches: 812,
            rejected: 12,
            blocking: 0,
            total: Some(2_000_000),
            workers: Vec::new(),
            started_at: Some("2026-11-22T19:13:41.123Z".to_owned()),
            updated_at: Some("2026-11-22T19:15:00.000Z".to_owned()),
            finished_at: None,
        }
    }

    fn worker(piece: u64, is_alive: bool) -> WorkerStatus {
        WorkerStatus {
            worker: format!("app@web-{piece} (pid 12)"),
            piece,
            position: Some(format!("{piece}00000")),
            rows: 12_000,
            heartbeat_age: Duration::from_secs(if is_alive { 2 } else { 95 }),
            is_alive,
        }
    }

    #[test]
    fn the_screen_of_one_at_work_and_of_one_that_is_stuck() {
        let row = |key: &str, blocking| RejectedRow {
            key: key.to_owned(),
            blocking,
            error: "no @ in \"nobody\"".to_owned(),
            attempts: 3,
            worker: "app@web-1 (pid 12)".to_owned(),
            rejected_at: "2026-11-22T19:15:00.000Z".to_owned(),
        };
        let shown = |status: &BackfillStatus, rejected: &[RejectedRow]| {
            Screen { status, rejected, palette: Palette::PLAIN, width: 90 }.lines().join("\n")
        };
        let workers = vec![worker(3, true), worker(12, false)];
        let running = BackfillStatus { workers, ..status(BackfillState::Running) };
        expect_test::expect![[r#"
            Backfill  c3d4e5f6a7b8 Fill users.email_normalized
            State     ◐ running, 1 worker
            Rows      61 %, 1,234,567 of 2,000,000 rows in 812 batches
            Rejected  12 rows
            Began     2026-11-22 19:13:41 UTC
            Latest    2026-11-22 19:15:00 UTC

            Worker               Piece    Rows  Up to    Heartbeat
            app@web-3 (pid 12)       3  12,000  300000   2 s ago
            app@web-12 (pid 12)     12  12,000  1200000  1 min 35 s ago, gone

            Row         Tries            Error
            17              3  rejected  no @ in "nobody"
            ["a",4711]      3  rejected  no @ in "nobody"
            … and 10 rows more, `backfill status --rejected 12` shows them"#]]
        .assert_eq(&shown(&running, &[row("17", false), row("[\"a\",4711]", false)]));
        let stalled = BackfillStatus {
            workers: vec![worker(12, false)],
            blocking: 1,
            rejected: 0,
            total: None,
            ..status(BackfillState::Stalled)
        };
        expect_test::expect![[r#"
            Backfill  c3d4e5f6a7b8 Fill users.email_normalized
            State     ! stalled, its worker is gone
            Rows      1,234,567 rows in 812 batches
            Blocked   by 1 row
            Began     2026-11-22 19:13:41 UTC
            Latest    2026-11-22 19:15:00 UTC

            Worker               Piece    Rows  Up to    Heartbeat
            app@web-12 (pid 12)     12  12,000  1200000  1 min 35 s ago, gone

            Row  Tries            Error
            17       3  blocking  no @ in "nobody""#]]
        .assert_eq(&shown(&stalled, &[row("17", true)]));
    }

    #[test]
    fn the_list_of_all_states() {
        use BackfillState::{Blocked, Cancelled, Done, Paused, Pending, Running, Stalled, Stopped};
        let all: Vec<_> = [Done, Running, Stopped, Stalled, Paused, Cancelled]
            .map(status)
            .into_iter()
            .chain([Pending, Blocked].map(|state| BackfillStatus {
                started_at: None,
                rejected: 0,
                rows: 0,
                ..status(state)
            }))
            .collect();
        expect_test::expect![[r"
               Revision      Message                      State      Done       Rows  Rejected  Workers
            ✓  c3d4e5f6a7b8  Fill users.email_normalized  done             1,234,567        12
            ◐  c3d4e5f6a7b8  Fill users.email_normalized  running    61 %  1,234,567        12
            ◐  c3d4e5f6a7b8  Fill users.email_normalized  stopped    61 %  1,234,567        12
            !  c3d4e5f6a7b8  Fill users.email_normalized  stalled    61 %  1,234,567        12
            ‖  c3d4e5f6a7b8  Fill users.email_normalized  paused     61 %  1,234,567        12
            ✗  c3d4e5f6a7b8  Fill users.email_normalized  cancelled  61 %  1,234,567        12
            ○  c3d4e5f6a7b8  Fill users.email_normalized  pending
            ○  c3d4e5f6a7b8  Fill users.email_normalized  blocked"]]
        .assert_eq(&table(&all, Palette::PLAIN, 100).join("\n"));
    }
}
