//! The safety rules on the revisions that a command is about.

use migrate_core::Migrator;
use migrate_core::connection::{AnyConnection, Dialect, Driver as _};
use migrate_core::plan::{self, Direction};
use migrate_core::runner::RevisionFinding;
use migrate_core::safety::Facts;

use crate::error::{self, CommandError};

/// What the rules need to know of a database, or of one that is not there.
#[derive(Clone)]
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

/// Which revisions are looked at, and whether one run applies them together.
pub(super) enum Scope {
    /// One run: what an earlier one creates is new to the later ones.
    Run(Vec<String>),
    /// The whole history, each revision as if the tables were in use before it.
    Each(Vec<String>),
}

/// What the rules find in revisions, in their order.
pub(super) fn look(
    migrator: &Migrator<AnyConnection>,
    scope: &Scope,
    direction: Direction,
    surroundings: &Surroundings,
) -> Vec<RevisionFinding> {
    let Surroundings { dialect, facts } = surroundings;
    match scope {
        Scope::Run(ids) => migrator.safety(ids.iter().map(String::as_str), *dialect, direction, facts),
        Scope::Each(ids) => {
            ids.iter().flat_map(|id| migrator.safety([id.as_str()], *dialect, direction, facts)).collect()
        }
    }
}

/// The revisions after a given one: neither it nor below it, parents first. All without one.
pub(super) fn since(
    migrator: &Migrator<AnyConnection>,
    revision: Option<&str>,
) -> Result<Scope, CommandError> {
    let graph = migrator.graph();
    let all = graph.topological().map(|revision| revision.id.to_string());
    let Some(revision) = revision else { return Ok(Scope::Each(all.collect())) };
    let ids = plan::resolve(graph, None, revision).map_err(|error| error::target(&error, graph))?;
    let below = graph.ancestors(ids.iter().copied());
    Ok(Scope::Run(all.filter(|id| !below.contains(id.as_str())).collect()))
}
