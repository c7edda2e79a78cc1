use std::any::Any;
use std::borrow::Cow;

use super::manifest::Manifest;
use crate::backfill::Settings;
use crate::connection::MigrationConnection;
use crate::context::{Context, Scope};
use crate::error::{BodyError, Result};
use crate::migration::{IrreversibleMigration, Migration};
use crate::plan::Direction;
use crate::revision::Revision;
use crate::safety::Allow;

/// What `#[migration(…)]` says about a struct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// The revision id.
    pub revision: &'static str,
    /// The parents: none for a base, several for a merge.
    pub down_revisions: &'static [&'static str],
    /// Ordering edges: revision ids or branch labels.
    pub depends_on: &'static [&'static str],
    /// Names of the branch that starts here.
    pub branch_labels: &'static [&'static str],
    /// What it does, one line.
    pub message: &'static str,
    /// Whether the body runs in a transaction.
    pub transaction: bool,
    /// Why it cannot be undone, when it cannot.
    pub irreversible: Option<&'static str>,
    /// The safety rules that it excuses itself from.
    pub allow: &'static [Allow],
    /// SHA-256 over the tokens of the source file, 64 hex digits; `None` where the compiler could not say.
    pub checksum: Option<&'static str>,
    /// The package that holds it.
    pub crate_name: &'static str,
    /// That package's version.
    pub crate_version: &'static str,
    /// Its source file as the compiler saw it.
    pub file: &'static str,
    /// The line of the attribute.
    pub line: u32,
    /// The struct's name; `up.sql` for an SQL migration of Diesel's.
    pub struct_name: &'static str,
}

/// What stands for the name of a struct where there is none: no Rust identifier, so nobody else has it.
const SQL_REVISION: &str = "up.sql";

impl Declaration {
    /// Whether this is an SQL migration from a directory of Diesel's.
    #[must_use]
    pub fn is_diesel_sql(&self) -> bool {
        self.struct_name == SQL_REVISION
    }

    /// The node of the graph.
    #[must_use]
    pub fn to_revision(&self) -> Revision {
        let listed = |names: &'static [&'static str]| names.iter().copied().map(Cow::Borrowed).collect();
        Revision {
            id: Cow::Borrowed(self.revision),
            down_revisions: listed(self.down_revisions),
            depends_on: listed(self.depends_on),
            branch_labels: listed(self.branch_labels),
            message: Cow::Borrowed(self.message),
        }
    }
}

/// A registered migration: its declaration and its body.
pub struct Entry<C: 'static> {
    pub(super) declaration: Declaration,
    body: Body<C>,
}

enum Body<C: 'static> {
    Reversible(&'static dyn Migration<Connection = C>),
    Irreversible(&'static dyn IrreversibleMigration<Connection = C>),
}

impl<C: MigrationConnection> Entry<C> {
    /// Registers a reversible migration.
    pub const fn reversible(declaration: Declaration, body: &'static dyn Migration<Connection = C>) -> Self {
        Self { declaration, body: Body::Reversible(body) }
    }

    /// Registers a migration that cannot be undone.
    pub const fn irreversible(
        declaration: Declaration,
        body: &'static dyn IrreversibleMigration<Connection = C>,
    ) -> Self {
        Self { declaration, body: Body::Irreversible(body) }
    }

    /// Whether `up` runs in batches, and how.
    pub(super) fn backfill(&self) -> Option<Settings> {
        match &self.body {
            Body::Reversible(body) => body.backfill(),
            Body::Irreversible(body) => body.backfill(),
        }
    }

    /// Runs the body, or asks it for its operations if there is no connection.
    pub(super) fn run(
        &self,
        connection: Option<&mut C>,
        scope: &mut Scope,
        direction: Direction,
    ) -> Result<()> {
        let mut cx = Context::new(connection, scope, self.declaration.revision, direction);
        match (&self.body, direction) {
            (Body::Reversible(body), Direction::Upgrade) => body.up(&mut cx),
            (Body::Reversible(body), Direction::Downgrade) => body.down(&mut cx),
            (Body::Irreversible(body), Direction::Upgrade) => body.up(&mut cx),
            (Body::Irreversible(_), Direction::Downgrade) => {
                Err(BodyError::new(format_args!("revision {} is irreversible", self.declaration.revision)))
            }
        }
    }
}

/// What `inventory` collects of `#[migration]`: one list for all connection types, so that a migration of
/// another type than the run's is seen and named, and not just absent.
#[doc(hidden)]
pub struct EntryRef(pub &'static dyn AnyEntry);

inventory::collect!(EntryRef);

/// What `inventory` collects of `migrations!`.
#[doc(hidden)]
pub struct ManifestRef(pub &'static Manifest);

inventory::collect!(ManifestRef);

/// An [`Entry`] of whichever connection type: an element of the list that `migrations!` emits.
pub trait AnyEntry: Sync {
    /// What the attribute says.
    fn declaration(&self) -> &Declaration;

    /// The connection type that the body runs on, without its path.
    fn connection(&self) -> &'static str;

    /// The `Entry<C>` itself.
    fn as_any(&self) -> &dyn Any;
}

impl<C: 'static> AnyEntry for Entry<C> {
    fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    fn connection(&self) -> &'static str {
        type_name::<C>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The name of a connection type without its path, which is often not the one it is exported under.
pub(super) fn type_name<C>() -> &'static str {
    let path = std::any::type_name::<C>();
    let plain = path.split('<').next().unwrap_or(path);
    plain.rsplit("::").next().unwrap_or(plain)
}
