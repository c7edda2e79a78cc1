//! Changed rows: before and after, side by side, or under each other where there is no room for that.

use migrate_core::rehearsal::{ColumnChange, RowChange, RowChangeKind, Value, document_changes};
use unicode_width::UnicodeWidthStr;

use super::value::{pair, shortened, text, visible};
use crate::ui::{Cell, Column, Palette, Table};

/// The width from which there is room for two values side by side.
const SIDE_BY_SIDE: usize = 72;

/// No key and no name of a column is shown wider.
const WIDEST: usize = 28;

/// So many places of a JSON document are shown.
const PLACES: usize = 6;

/// The rows of a table.
pub(super) struct Rows<'a> {
    pub(super) changes: Vec<&'a RowChange>,
    pub(super) palette: Palette,
    pub(super) width: usize,
}

/// One line: what differs in a row.
struct Difference {
    name: String,
    before: Option<String>,
    after: Option<String>,
}

impl Rows<'_> {
    pub(super) fn lines(&self) -> Vec<String> {
        if self.changes.is_empty() {
            Vec::new()
        } else if self.width >= SIDE_BY_SIDE {
            self.side_by_side()
        } else {
            self.stacked()
        }
    }

    fn side_by_side(&self) -> Vec<String> {
        let palette = self.palette;
        let rows: Vec<_> =
            self.changes.iter().map(|change| (*change, key(change), differences(change))).collect();
        let widest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(UnicodeWidthStr::width).max().unwrap_or(0).min(WIDEST)
        };
        let key_names = self.key_names();
        let keys = widest(&mut rows.iter().map(|(_, key, _)| key.as_str()).chain([key_names.as_str()]));
        let names = widest(
            &mut rows
                .iter()
                .flat_map(|(.., differences)| differences.iter().map(|line| line.name.as_str()))
                .chain(["column"]),
        );
        // Two spaces before the table, a mark, and two spaces between its columns.
        let room = self.width.saturating_sub(2 + 1 + 4 * 2 + keys + names) / 2;
        let mut table = Table::new(vec![Column::Left; 5]);
        let faint = |text: &str| Cell::styled(text, move |text| palette.faint(text));
        table.row(vec![
            faint(""),
            faint(&shortened(&key_names, WIDEST)),
            faint("column"),
            faint("before"),
            faint("after"),
        ]);
        for (change, key, differences) in rows {
            let (mark, paint) = mark(change.kind);
            for (number, line) in differences.iter().enumerate() {
                let [before, after] = pair(
                    line.before.as_deref().unwrap_or_default(),
                    line.after.as_deref().unwrap_or_default(),
                    room,
                );
                let is_first = number == 0;
                table.row(vec![
                    Cell::styled(if is_first { mark } else { "" }, move |text| paint(palette, text)),
                    Cell::new(if is_first { shortened(&key, WIDEST) } else { String::new() }),
                    Cell::new(shortened(&line.name, WIDEST)),
                    value(palette, before),
                    value(palette, after),
                ]);
            }
        }
        table.lines(self.width).into_iter().map(|line| format!("  {line}")).collect()
    }

    fn stacked(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let room = self.width.saturating_sub(6);
        for change in &self.changes {
            let (mark, paint) = mark(change.kind);
            let key = format!("{} {}", self.key_names(), key(change));
            lines.push(format!("  {} {}", paint(self.palette, mark.to_owned()), shortened(key.trim(), room)));
            for line in differences(change) {
                if !line.name.is_empty() {
                    lines.push(format!("    {}", shortened(&line.name, room)));
                }
                let [before, after] = pair(
                    line.before.as_deref().unwrap_or_default(),
                    line.after.as_deref().unwrap_or_default(),
                    room,
                );
                if line.before.is_some() {
                    lines.push(format!("    {} {before}", self.palette.bad("-")));
                }
                if line.after.is_some() {
                    lines.push(format!("    {} {after}", self.palette.good("+")));
                }
            }
        }
        lines
    }

    fn key_names(&self) -> String {
        let first = self.changes.iter().find(|change| !change.key.is_empty());
        let names = first.iter().flat_map(|change| &change.key).map(|(name, _)| visible(name));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// NULL stands back, so that values stand out.
fn value(palette: Palette, text: String) -> Cell {
    let is_null = text == "NULL";
    Cell::styled(text, move |text| if is_null { palette.faint(text) } else { text })
}

fn mark(kind: RowChangeKind) -> (&'static str, fn(Palette, String) -> String) {
    match kind {
        RowChangeKind::Inserted => ("+", |palette, text| palette.good(text)),
        RowChangeKind::Deleted => ("-", |palette, text| palette.bad(text)),
        RowChangeKind::Updated => ("~", |palette, text| palette.notice(text)),
        RowChangeKind::Written => ("?", |palette, text| palette.notice(text)),
    }
}

fn key(change: &RowChange) -> String {
    change.key.iter().map(|(_, value)| text(value)).collect::<Vec<_>>().join(", ")
}

fn differences(change: &RowChange) -> Vec<Difference> {
    let mut all: Vec<_> = change.columns.iter().flat_map(difference).collect();
    if all.is_empty() {
        // A row that is nothing but its key is told by that.
        let name = if change.kind == RowChangeKind::Updated { "(as it was)" } else { "" };
        all.push(Difference { name: name.to_owned(), before: None, after: None });
    }
    all
}

/// A column as one line, or a JSON document as a line for each place where it differs.
fn difference(change: &ColumnChange) -> Vec<Difference> {
    let name = visible(&change.column);
    let document = match (&change.before, &change.after) {
        (Some(Value::Json(before) | Value::Text(before)), Some(Value::Json(after) | Value::Text(after))) => {
            document_changes(before, after)
        }
        _ => None,
    };
    let Some(places) = document.filter(|places| !places.is_empty()) else {
        let shown = |value: &Option<Value>| value.as_ref().map(text);
        return vec![Difference { name, before: shown(&change.before), after: shown(&change.after) }];
    };
    let total = places.len();
    let mut lines: Vec<_> = places
        .into_iter()
        .take(PLACES)
        .map(|place| {
            let dot = if place.path.is_empty() || place.path.starts_with('[') { "" } else { "." };
            Difference {
                name: format!("{name}{dot}{}", visible(&place.path)),
                before: place.before.map(|json| visible(&json)),
                after: place.after.map(|json| visible(&json)),
            }
        })
        .collect();
    if total > PLACES {
        let name = format!("{name}: {} more places", total - PLACES);
        lines.push(Difference { name, before: None, after: None });
    }
    lines
}
