//! Placeholder until the plan branch lands.

/// The direction of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Applying.
    Upgrade,
    /// Undoing.
    Downgrade,
}
