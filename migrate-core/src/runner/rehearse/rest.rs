//! What is left of a backfill's table.

use super::attempt::Fallen;
use super::stage::{SNAPSHOT, Stage};
use crate::connection::Dialect;
use crate::ledger::{self, Piece, Spans, Whole};

/// A part of the table in the order of its keys: behind `after`, up to and including `until`. Keys are JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) after: Option<String>,
    pub(super) until: Option<String>,
}

/// What is left of the table.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// In the order of the keys, which is the one in which a run takes them up.
    pub(super) parts: Vec<Part>,
    /// Where the next run goes on; `None` at the beginning of the table.
    pub(super) after: Option<String>,
    /// How many rows are done.
    pub(super) done: u64,
    /// Whether others are at work on more of it.
    pub(super) has_others: bool,
}

impl Stage<'_, '_, '_> {
    /// Reads what is left.
    pub(super) fn rest(&mut self) -> Result<Rest, Fallen> {
        let driver = self.run.host.driver();
        if !self.is_begun || !ledger::has_backfill(driver, &self.run.names)? {
            return Ok(Rest::everything());
        }
        let mode = if driver.dialect() == Dialect::Postgres { SNAPSHOT } else { "" };
        self.rolled_back(self.limits.time, mode, |stage| {
            let names = stage.run.names.clone();
            let (driver, spans) = (stage.run.host.driver(), Spans::of(&names, stage.revision));
            let Some(whole) = spans.read(driver)? else { return Ok(Rest::everything()) };
            let mut pieces = Vec::new();
            for seen in spans.look(driver, None, false)? {
                let piece = spans.piece(driver, seen.span, false)?;
                pieces.extend(piece.map(|piece| (piece, seen.is_abandoned)));
            }
            Ok(Rest::of(&whole, pieces))
        })
    }
}

impl Rest {
    fn everything() -> Self {
        Self { parts: vec![Part::default()], ..Self::default() }
    }

    /// From the row of the whole and the pieces, each with whether nobody works on it.
    ///
    /// The rows that others are at work on are locked every now and then, and soon done: they are what is left only
    /// when there is nothing else.
    fn of(whole: &Whole, pieces: Vec<(Piece, bool)>) -> Self {
        let done = whole.rows + pieces.iter().map(|(piece, _)| piece.rows).sum::<u64>();
        let (abandoned, others): (Vec<_>, Vec<_>) =
            pieces.into_iter().partition(|(_, is_abandoned)| *is_abandoned);
        let part = |(piece, _): (Piece, bool)| Part { after: piece.position, until: piece.until };
        let frontier = Part { after: whole.position.clone(), until: None };
        let mut parts: Vec<_> = abandoned.into_iter().map(part).collect();
        parts.extend((!whole.is_exhausted).then_some(frontier));
        let mut has_others = !others.is_empty();
        if parts.is_empty() {
            parts.extend(others.into_iter().map(part));
            has_others = false;
        }
        let after = parts.first().map_or_else(|| whole.position.clone(), |part| part.after.clone());
        Self { parts, after, done, has_others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::CheckpointState;

    fn whole(position: &str, is_exhausted: bool) -> Whole {
        Whole {
            state: CheckpointState::Running,
            position: Some(position.to_owned()),
            is_exhausted,
            rows: 100,
            batches: 1,
            rejected: 0,
            total: None,
            batch_size: 10,
            last_span: 9,
            remained: None,
        }
    }

    fn piece(position: &str, until: Option<&str>, is_abandoned: bool) -> (Piece, bool) {
        let (position, until) = (Some(position.to_owned()), until.map(str::to_owned));
        let piece = Piece {
            span: 1,
            position,
            until,
            rows: 5,
            batches: 1,
            rejected: 0,
            batch_size: 10,
            token: 1,
            is_blocked: false,
        };
        (piece, is_abandoned)
    }

    fn shown(rest: &Rest) -> Vec<String> {
        let text = |key: &Option<String>| key.clone().unwrap_or_default();
        rest.parts.iter().map(|part| format!("{}..{}", text(&part.after), text(&part.until))).collect()
    }

    #[test]
    fn what_was_left_is_taken_up_before_what_was_not_handed_out() {
        let rest =
            Rest::of(&whole("60", false), vec![piece("12", Some("20"), true), piece("45", Some("60"), true)]);
        assert_eq!(shown(&rest), ["12..20", "45..60", "60.."]);
        assert_eq!((rest.after.as_deref(), rest.done, rest.has_others), (Some("12"), 110, false));
    }

    #[test]
    fn what_others_are_at_work_on_is_left_to_them() {
        let pieces = || vec![piece("12", Some("20"), false), piece("45", Some("60"), false)];
        let rest = Rest::of(&whole("60", false), pieces());
        assert_eq!((shown(&rest), rest.has_others), (vec!["60..".to_owned()], true));
        let rest = Rest::of(&whole("60", true), pieces());
        assert_eq!((shown(&rest), rest.has_others), (vec!["12..20".to_owned(), "45..60".to_owned()], false));
    }

    #[test]
    fn nothing_may_be_left() {
        let rest = Rest::of(&whole("60", true), Vec::new());
        assert_eq!((shown(&rest).len(), rest.after.as_deref(), rest.done), (0, Some("60"), 100));
    }
}
