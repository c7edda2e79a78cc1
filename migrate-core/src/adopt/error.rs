use super::{Row, Tool};
use crate::catalog::ObjectName;
use crate::few::first_few;

/// Why the ledger of another tool cannot be taken over; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdoptError {
    /// The tool's table is not there.
    #[error("there is no table {table}, where {tool} records what it applied")]
    NoTable {
        /// The tool.
        tool: Tool,
        /// The table.
        table: ObjectName,
    },
    /// Rows say that their migration failed.
    #[error("{tool} records that {} failed", versions(.rows))]
    Failed {
        /// The tool.
        tool: Tool,
        /// The rows, sorted by version.
        rows: Vec<Row>,
    },
    /// Rows stand for no revision of this program.
    #[error("{tool} has applied what is no revision of this program: {}", versions(.rows))]
    NoRevision {
        /// The tool.
        tool: Tool,
        /// The rows, sorted by version.
        rows: Vec<Row>,
    },
    /// One of Alembic's heads is below another one, so it is none.
    #[error("{table} holds {ancestor}, which is below {revision}, and {revision} too")]
    Overlap {
        /// Alembic's table.
        table: ObjectName,
        /// The upper one.
        revision: String,
        /// The lower one.
        ancestor: String,
    },
    /// The tool has applied revisions, and not all that they build on.
    #[error("{tool} has applied {}, but not {}", first_few(.above), first_few(.missing))]
    NotClosed {
        /// The tool.
        tool: Tool,
        /// What is not applied and has applied revisions on top, parents first.
        missing: Vec<String>,
        /// Those that stand directly on it, parents first.
        above: Vec<String>,
    },
    /// The tool and the ledger each have applied what the other has not.
    #[error("the ledger holds {} and not {}, which {tool} has applied", first_few(.ours), first_few(.theirs))]
    Differs {
        /// The tool.
        tool: Tool,
        /// What only the ledger has, parents first.
        ours: Vec<String>,
        /// What only the tool's table has, parents first.
        theirs: Vec<String>,
    },
    /// Revisions that the tool has applied were undone here since.
    #[error("{tool} records {} as applied, but a downgrade undid {} since", first_few(.revisions),
        if .revisions.len() == 1 { "it" } else { "them" })]
    Undone {
        /// The tool.
        tool: Tool,
        /// The revisions, parents first.
        revisions: Vec<String>,
    },
}

fn versions(rows: &[Row]) -> String {
    first_few(&rows.iter().map(|row| row.version.clone()).collect::<Vec<_>>())
}
