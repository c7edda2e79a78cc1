//! Columns and constraints as items of one list.

use std::ops::Range;

use super::splice::{After, Around, replace};
use crate::sqlite::create_table::CreateTable;

impl CreateTable {
    /// Puts an item behind another one, in the way the list is laid out.
    pub(super) fn insert_behind(&self, item: &Range<usize>, new: &str) -> String {
        let around = Around::new(&self.text, item.start);
        let line_break = around.line_break();
        let after = After::new(&self.text, item.end);
        let between = match line_break {
            Some(line_break) => line_break,
            None if after.to_line_end => "\n ",
            None => " ",
        };
        let (head, tail) = self.text.split_at(after.comments);
        if after.comma.is_some() {
            return format!("{head}{between}{new},{tail}");
        }
        let (head, comments) = head.split_at(item.end);
        format!("{head},{comments}{between}{new}{tail}")
    }

    /// Takes an item out of the list, with its comma and with the comments behind it on the same line.
    pub(super) fn remove_item(&self, item: &Range<usize>) -> String {
        let after = After::new(&self.text, item.end);
        if after.comma.is_some() {
            let rest = &self.text[after.comments..];
            let end = if after.to_line_end {
                // The line feed ended the comment; what follows takes the item's place.
                after.comments + rest.len() - rest.trim_start().len()
            } else {
                after.comments + rest.len() - rest.trim_start_matches([' ', '\t']).len()
            };
            let end = if rest.trim_start().is_empty() { after.comments } else { end };
            return self.without_leading_break(item.start, end);
        }
        let around = Around::new(&self.text, item.start);
        let end = after.comments;
        let space = around
            .before()
            .filter(|token| token.kind == crate::sqlite::TokenKind::Space && !around.ends_comment());
        let start = space.map_or(item.start, |space| space.start);
        match around.comma() {
            // SQLite takes constraints also without commas between them: the one before then serves the next one.
            Some(comma) if after.closes => {
                let shorter = replace(&self.text, start..end, "");
                replace(&shorter, comma..comma + 1, "")
            }
            _ => replace(&self.text, start..end, ""),
        }
    }

    /// Removes a range in which the item's own line may have become empty.
    fn without_leading_break(&self, start: usize, end: usize) -> String {
        let around = Around::new(&self.text, start);
        let begins_line = around.line_break().is_some();
        let rest = &self.text[end..];
        if begins_line && rest.starts_with(['\n', '\r']) {
            let next = rest.len() - rest.trim_start().len();
            return replace(&self.text, start..end + next, "");
        }
        replace(&self.text, start..end, "")
    }
}
