//! The safety rules on the revisions that a command is about.

use migrate_core::Migrator;
use migrate_core::connection::{AnyConnection, Dialect, Driver as _};
use migrate_core::plan::{self, Direction};
use migrate_core::runner::RevisionFinding;
use migrate_core::safety::Facts;

use crate::error::{self, CommandError};

/// What the rules need to know of a database, or of one that is not there.
pub(super) struct Surroundings {
    pub(super) dialect: Dialect,
    pub(super) facts: Facts,
}

impl Surroundings {
    /// A database: its server, and what its catalog says.
    pub(super) fn of(
        connection: &mut AnyConnection,
        migrator: &Migrator<AnyConnection>,
    ) -> Result<Self, CommandError> {
        let facts =
            Facts::read(connection).map_err(|cause| error::running(&cause.into(), migrator.graph()))?;
        Ok(Self { dialect: connection.dialect(), facts })
    }

    /// A server of which nothing else is known.
    pub(super) fn none(dialect: Dialect) -> Self {
        Self { dialect, facts: Facts::default() }
    }
}

/// What the rules find in revisions, in their order.
pub(super) fn look<'r>(
    migrator: &Migrator<AnyConnection>,
    revisions: impl IntoIterator<Item = &'r str>,
    direction: Direction,
    surroundings: &Surroundings,
) -> Vec<RevisionFinding> {
    let Surroundings { dialect, facts } = surroundings;
    let found = revisions.into_iter().flat_map(|id| migrator.safety(id, *dialect, direction, facts));
    found.collect()
}

/// The revisions that are not below another one, nor that one itself; all without one. Parents first.
pub(super) fn since(
    migrator: &Migrator<AnyConnection>,
    revision: Option<&str>,
) -> Result<Vec<String>, CommandError> {
    let graph = migrator.graph();
    let below = match revision {
        Some(revision) => {
            let ids = plan::resolve(graph, None, revision).map_err(|error| error::target(&error, graph))?;
            graph.ancestors(ids.iter().copied()).into_iter().chain(ids).map(str::to_owned).collect()
        }
        None => std::collections::BTreeSet::new(),
    };
    let ids = graph.topological().map(|revision| &revision.id);
    Ok(ids.filter(|id| !below.contains(*id)).cloned().collect())
}
