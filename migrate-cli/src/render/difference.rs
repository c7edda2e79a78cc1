//! What differs between two schemas, in colours.

use migrate_core::catalog::Difference;

use crate::ui::Palette;

/// The lines of a difference: what is only there in green, what is missing in red.
pub(crate) fn lines(difference: &Difference, palette: Palette) -> Vec<String> {
    let painted = |line: &str| match line.trim_start().chars().next() {
        Some('+') => palette.good(line),
        Some('-') => palette.bad(line),
        Some('~') => palette.notice(line),
        _ => line.to_owned(),
    };
    difference.to_string().lines().map(painted).collect()
}
