//! The words of a target, before they mean anything.

/// A target that counts: `+2`, `-1`, `abc+1`, `label@-2`, `label@head-1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Relative<'a> {
    /// The whole target.
    pub(super) text: &'a str,
    /// What stands before `@`.
    pub(super) label: Option<&'a str>,
    /// What it counts from; `None` for what is current.
    pub(super) symbol: Option<&'a str>,
    /// Whether it counts with `+`.
    pub(super) upward: bool,
    /// How far. A number too large for the machine leads as far out of any history as the largest one.
    pub(super) count: usize,
}

impl<'a> Relative<'a> {
    /// Reads a target that ends in a sign and a number.
    ///
    /// Alembic takes the first sign and number it finds and forgets the rest, so that `abc+1x` is `abc+1`, and
    /// knows only letters, digits and `_` in front. Here the whole target counts.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let stem = text.trim_end_matches(|character: char| character.is_ascii_digit());
        let digits = &text[stem.len()..];
        let (rest, upward) = match (stem.strip_suffix('+'), stem.strip_suffix('-')) {
            (Some(rest), _) => (rest, true),
            (_, Some(rest)) => (rest, false),
            (None, None) => return None,
        };
        let (label, symbol) = match rest.rsplit_once('@') {
            Some(("", _)) => return None,
            Some((label, symbol)) => (Some(label), symbol),
            None => (None, rest),
        };
        let count = match digits {
            "" => return None,
            digits => digits.parse().unwrap_or(usize::MAX),
        };
        let symbol = (!symbol.is_empty()).then_some(symbol);
        Some(Self { text, label, symbol, upward, count })
    }

    /// What it counts from, with the branch that it must be on: `label@symbol`.
    pub(super) fn start(&self) -> Option<&'a str> {
        let symbol = self.symbol?;
        Some(match self.label {
            Some(label) => &self.text[..label.len() + 1 + symbol.len()],
            None => symbol,
        })
    }
}

/// Whether a target stands for heads, whichever these are, and not for one revision.
pub(super) fn means_heads(target: &str) -> bool {
    Relative::parse(target).is_none() && matches!(split_branch(target).1, "head" | "heads")
}

/// Parts `label@name`; an empty label is none.
pub(super) fn split_branch(text: &str) -> (Option<&str>, &str) {
    match text.split_once('@') {
        Some((label, name)) => (Some(label).filter(|label| !label.is_empty()), name),
        None => (None, text),
    }
}

/// Refuses a range where one target belongs.
pub(super) fn single(target: &str) -> Result<(), super::PlanError> {
    if target.contains(':') {
        return Err(super::PlanError::RangeNotAllowed { target: target.to_owned() });
    }
    Ok(())
}
