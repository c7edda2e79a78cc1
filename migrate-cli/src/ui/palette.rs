use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// The few styles that output has, or none of them.
///
/// Named by what they say, not by how they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    coloured: bool,
}

impl Palette {
    /// Styles that do nothing.
    pub const PLAIN: Self = Self { coloured: false };

    pub(crate) fn new(coloured: bool) -> Self {
        Self { coloured }
    }

    /// What went well: an applied revision.
    pub fn good(self, text: impl Display) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// What waits or wants a look: a pending revision, a warning.
    pub fn notice(self, text: impl Display) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// What is wrong.
    pub fn bad(self, text: impl Display) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What can be typed: a revision id, a command.
    pub fn name(self, text: impl Display) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// What can be skipped.
    pub fn faint(self, text: impl Display) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// What is read first.
    pub fn strong(self, text: impl Display) -> String {
        self.paint(Style::new().bold(), text)
    }

    fn paint(self, style: Style, text: impl Display) -> String {
        if self.coloured { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}
