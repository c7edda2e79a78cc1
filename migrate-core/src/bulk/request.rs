/// How many rows a bulk write was given, and how many rows of the table it wrote.
///
/// They differ where a key is not in the table (anymore), where it stands in several rows, and where
/// [`keep_existing`](super::BulkUpsert::keep_existing) kept something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The rows that were given.
    pub given: usize,
    /// The rows of the table that were inserted or updated.
    pub written: usize,
}

/// What is to be written, without its types.
#[doc(hidden)]
#[derive(Debug)]
pub struct Request {
    /// The columns as their buffers come: the key, what is written, what was read.
    pub(super) columns: Vec<&'static str>,
    /// How many of the first columns are the key.
    pub(super) keys: usize,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows are found by their keys, and by the last columns, so many, being as they were read.
    Update { read: usize },
    /// Rows are new.
    Insert,
    /// Rows are new, or found by their keys.
    Upsert,
    /// Rows are new, or left alone.
    InsertAbsent,
}

impl Request {
    /// What the table must have in the same row.
    pub(super) fn keys(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.columns.iter().copied().enumerate().take(self.keys)
    }

    /// What an update changes.
    pub(super) fn values(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.columns.iter().copied().enumerate().take(self.columns.len() - self.read()).skip(self.keys)
    }

    /// What must not have changed.
    pub(super) fn unchanged(&self) -> impl Iterator<Item = (usize, &'static str)> {
        self.columns.iter().copied().enumerate().skip(self.columns.len() - self.read())
    }

    /// Whether the rows that found nothing are asked for.
    pub(super) fn is_optimistic(&self) -> bool {
        self.read() > 0
    }

    /// How many of the first columns must differ from row to row within one statement.
    #[cfg(feature = "postgres")]
    pub(super) fn distinct(&self) -> usize {
        match self.kind {
            Kind::Update { .. } | Kind::Upsert => self.keys,
            Kind::Insert | Kind::InsertAbsent => 0,
        }
    }

    fn read(&self) -> usize {
        match self.kind {
            Kind::Update { read } => read,
            _ => 0,
        }
    }
}
