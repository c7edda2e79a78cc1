use serde::{Deserialize, Serialize};

/// How large a table is. An estimate of the server's, and no part of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Rows, as of the last `VACUUM` or `ANALYZE`; `None` before the first.
    pub rows: Option<u64>,
    /// Pages of the table itself; of a partitioned one, all partitions together.
    pub pages: u64,
    /// Bytes on disk with indexes and out-of-line values; of a partitioned table, all partitions together.
    pub bytes: u64,
}
