//! The migrations linked into a binary, and how to know that none is missing.
//!
//! `#[migration]` submits an [`EntryRef`] to `inventory`, once per connection type. Link-time collection fails
//! without a word when the migrations crate is never named or a linker drops an archive member, so
//! `migrations!` also emits a [`Manifest`] of what the compiler saw in the directory, and the registry is
//! checked against it.

mod manifest;

use std::any::Any;

pub use self::manifest::Manifest;
use crate::connection::{AnyConnection, Dialect, MigrationConnection, Variant};
use crate::context::Context;
use crate::error::Result;
use crate::migration::{IrreversibleMigration, Migration};
use crate::plan::Direction;
use crate::revision::Revision;

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
    /// The struct's name.
    pub struct_name: &'static str,
}

impl Declaration {
    /// The node of the graph.
    #[must_use]
    pub fn to_revision(&self) -> Revision {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Revision {
            id: self.revision.to_owned(),
            down_revisions: owned(self.down_revisions),
            depends_on: owned(self.depends_on),
            branch_labels: owned(self.branch_labels),
            message: self.message.to_owned(),
        }
    }
}

/// A registered migration: its declaration and its body.
pub struct Entry<C: 'static> {
    declaration: Declaration,
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

    fn run(&self, connection: &mut C, direction: Direction) -> Result<()> {
        let mut cx = Context::new(connection, self.declaration.revision, direction);
        match (&self.body, direction) {
            (Body::Reversible(body), Direction::Upgrade) => body.up(&mut cx),
            (Body::Reversible(body), Direction::Downgrade) => body.down(&mut cx),
            (Body::Irreversible(body), Direction::Upgrade) => body.up(&mut cx),
            (Body::Irreversible(_), Direction::Downgrade) => Err(crate::error::BodyError::new(format_args!(
                "revision {} is irreversible",
                self.declaration.revision
            ))),
        }
    }
}

/// What `inventory` collects, once per connection type.
#[doc(hidden)]
pub struct EntryRef<C: 'static>(pub &'static Entry<C>);

/// An [`Entry`] of whichever connection type: an element of the list that `migrations!` emits.
pub trait AnyEntry: Sync {
    /// What the attribute says.
    fn declaration(&self) -> &Declaration;

    /// The `Entry<C>` itself.
    fn as_any(&self) -> &dyn Any;
}

impl<C: 'static> AnyEntry for Entry<C> {
    fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A registered migration as a run on connections of type `C` sees it.
pub struct Runnable<C: 'static> {
    declaration: &'static Declaration,
    dialect: Option<Dialect>,
    run: RunFn<C>,
}

type RunFn<C> = Box<dyn Fn(&mut C, Direction) -> Result<()> + Send + Sync>;

impl<C: MigrationConnection> Runnable<C> {
    pub(crate) fn direct(entry: &'static Entry<C>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: None,
            run: Box::new(move |connection, direction| entry.run(connection, direction)),
        }
    }

    /// What the attribute says.
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// The only server that the migration is written for, when it names that server's connection type.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    pub(crate) fn run(&self, connection: &mut C, direction: Direction) -> Result<()> {
        (self.run)(connection, direction)
    }
}

impl<C> Runnable<C> {
    fn id(&self) -> &'static str {
        self.declaration.revision
    }
}

/// The migrations that take part in a run, by id.
///
/// A sorted list: at start-up it is built and looked through once, which a tree would only make dearer.
pub struct Catalogue<C: 'static>(Vec<Runnable<C>>);

impl<C: MigrationConnection> Catalogue<C> {
    /// The migration of a revision.
    pub fn get(&self, id: &str) -> Option<&Runnable<C>> {
        self.0.binary_search_by(|runnable| runnable.id().cmp(id)).ok().map(|at| &self.0[at])
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Runnable<C>> {
        self.0.iter()
    }
}

/// What the attributes say, whatever the connection type is.
pub(crate) trait Declarations {
    fn declaration(&self, id: &str) -> Option<&'static Declaration>;

    /// That of a node of the graph that was made of these; both are sorted by id.
    fn nth(&self, node: usize) -> Option<&'static Declaration>;
}

impl<C: MigrationConnection> Declarations for Catalogue<C> {
    fn declaration(&self, id: &str) -> Option<&'static Declaration> {
        self.get(id).map(Runnable::declaration)
    }

    fn nth(&self, node: usize) -> Option<&'static Declaration> {
        self.0.get(node).map(Runnable::declaration)
    }
}

impl Runnable<AnyConnection> {
    pub(crate) fn projected<V: Variant>(entry: &'static Entry<V>) -> Self {
        Self {
            declaration: &entry.declaration,
            dialect: Some(V::DIALECT),
            run: Box::new(move |connection, direction| match V::project(connection) {
                Some(inner) => entry.run(inner, direction),
                None => Err(crate::error::BodyError::new(format_args!(
                    "revision {} is written for {}",
                    entry.declaration.revision,
                    V::DIALECT
                ))),
            }),
        }
    }
}

/// Why the registry and the manifest do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Fewer migrations are linked than the manifest names (I2).
    #[error(
        "the linker kept {linked} of the {expected} migrations that {crate_name} was compiled with; missing: {}",
        .missing.join(", ")
    )]
    Missing {
        /// The migrations crate.
        crate_name: String,
        /// How many the manifest names, with what it follows.
        expected: usize,
        /// How many of those are registered.
        linked: usize,
        /// The missing revision ids, sorted; at most ten.
        missing: Vec<String>,
    },
    /// The manifest names no migration at all (I2).
    #[error("{crate_name} has no migrations: {source_dir} held none when it was compiled")]
    Empty {
        /// The migrations crate.
        crate_name: String,
        /// Its source directory.
        source_dir: String,
    },
    /// A revision of the manifest is written for a connection type that this run does not use.
    #[error("revision {revision} runs on another connection type than {connection}")]
    OtherConnection {
        /// The revision.
        revision: String,
        /// The connection type of this run.
        connection: String,
    },
}

/// The migrations of a manifest (and of those it follows), checked for completeness.
///
/// A binary may link further migrations (an example, a test's own): only what the manifest names takes part.
/// Duplicates are kept, for the graph to report.
pub fn collect<C: MigrationConnection>(
    manifest: &Manifest,
    mut linked: Vec<Runnable<C>>,
) -> Result<Catalogue<C>, RegistryError> {
    linked.sort_by_key(Runnable::id);
    // One crate that holds all of the binary's migrations is the usual case, and needs no further lists.
    let is_alone = manifest.follows().is_empty() && !manifest.revisions().is_empty();
    if is_alone && linked.iter().map(Runnable::id).eq(manifest.revisions().iter().copied()) {
        return Ok(Catalogue(linked));
    }
    let expected: Vec<_> = manifest.all_revisions().into_iter().collect();
    if expected.is_empty() {
        return Err(RegistryError::Empty {
            crate_name: manifest.crate_name().to_owned(),
            source_dir: manifest.source_dir().to_owned(),
        });
    }
    let missing: Vec<_> =
        expected.iter().filter(|id| linked.binary_search_by_key(*id, Runnable::id).is_err()).collect();
    if !missing.is_empty() {
        return Err(RegistryError::Missing {
            crate_name: manifest.crate_name().to_owned(),
            expected: expected.len(),
            linked: expected.len() - missing.len(),
            missing: missing.iter().take(10).map(ToString::to_string).collect(),
        });
    }
    linked.retain(|runnable| expected.binary_search(&runnable.id()).is_ok());
    Ok(Catalogue(linked))
}
