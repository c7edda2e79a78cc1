/// What was taken over from another tool, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct AdoptReport {
    /// What is now recorded as applied and was not before, parents first.
    pub adopted: Vec<Adopted>,
    /// What the tool has applied and the ledger had already, parents first.
    pub agreeing: Vec<String>,
    /// The current heads afterwards, sorted.
    pub heads: Vec<String>,
}

/// A revision that was taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adopted {
    /// The revision.
    pub revision: String,
    /// When the tool says it was applied: RFC 3339 in UTC with milliseconds. `None` where it does not say: the ledger
    /// then has the time of the adoption.
    pub applied_at: Option<String>,
}
