use std::sync::Arc;

use super::compare::{compared, difference, found_scope};
use super::error::VerifyError;
use super::surroundings::Surroundings;
use crate::catalog::{self, Catalog, Difference, DifferenceOptions, ObjectName, Scope};
use crate::connection::{Dialect, Driver, MigrationConnection};
use crate::runner::host::{Connection, TypedHost};
use crate::runner::options::{Options, Throttle};
use crate::runner::run::{Command, Emit, Run};
use crate::runner::{Error, Migrator, unadopted};
use crate::safety::Levels;

/// What is verified, and what of it does not count.
#[derive(Debug, Clone, Default)]
pub struct Verify<'t> {
    /// The revisions that the database is said to be at, as for [`Migrator::stamp`]; none of them stands for what the
    /// ledger says.
    pub targets: &'t [&'t str],
    /// Whether what the ledger says of other branches is forgotten, as for [`Migrator::stamp`].
    pub purge: bool,
    /// Objects that are passed over, by their names; one without a schema in every schema.
    pub ignore: Vec<ObjectName>,
    /// Differences that are passed over.
    pub difference: DifferenceOptions,
}

/// What came of comparing a database with what its revisions make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// The heads that were built, sorted.
    pub heads: Vec<String>,
    /// How many tables the revisions make.
    pub tables: usize,
    /// What was put into the scratch database before the first revision, because the database has it and the revisions
    /// could not do without: extensions and schemas.
    pub prepared: Vec<String>,
    /// From what the revisions make to what the database is; empty when they are the same.
    pub difference: Difference,
}

/// # Verifying
impl<C: MigrationConnection> Migrator<C> {
    /// Compares the database with what its revisions, or those that it is said to be at, make of an empty one.
    ///
    /// `scratch` is a connection to such an empty database on a server of the same kind and version, see
    /// [`ScratchDatabase`](super::ScratchDatabase); every revision runs there, data migrations and backfills on empty
    /// tables, and it is emptied again on every path. The database itself is only read.
    ///
    /// Compared are the schemas of the session's search path and those that the revisions make: the framework's tables,
    /// the ledgers of other tools and what belongs to extensions left out; and nothing that a
    /// [`Catalog`] does not hold, which is roles and privileges above all. Extensions and schemas that only the database
    /// has do not count.
    ///
    /// # Errors
    ///
    /// [`Error::Verify`]; a difference is no error.
    pub fn verify(
        &self,
        connection: &mut C,
        scratch: &mut C,
        verify: &Verify<'_>,
    ) -> Result<Verification, Error> {
        let (heads, surroundings, tables) = self.run(connection, |run| {
            let heads = run.claimed_heads(verify)?;
            let names = run.names.clone();
            let driver = run.host.driver();
            Ok((heads, Surroundings::of(driver)?, table_names(driver, &names)?))
        })?;
        let (mut expected, prepared) = self.build_on(scratch, &heads, &surroundings, &verify.ignore)?;
        let names = &self.options().names;
        let scope = found_scope(names, &surroundings, &expected, &verify.ignore);
        let (mut found, tables_now) = self.run(connection, |run| {
            let driver = run.host.driver();
            Ok((catalog::read(driver, &scope)?, table_names(driver, names)?))
        })?;
        if tables != tables_now {
            return Err(VerifyError::Changed.into());
        }
        let difference = difference(&mut expected, &mut found, names, verify.difference);
        Ok(Verification { heads, tables: expected.tables.len(), prepared, difference })
    }

    /// Applies the revisions up to the heads to the scratch database, reads what it is then, and empties it.
    fn build_on(
        &self,
        scratch: &mut C,
        heads: &[String],
        surroundings: &Surroundings,
        ignore: &[ObjectName],
    ) -> Result<(Catalog, Vec<String>), Error> {
        let options = Options {
            workers: 1,
            throttle: Throttle::default(),
            single_transaction: false,
            defer_backfills: false,
            allow_tables: false,
            safety: Levels::default(),
            ..self.options().clone()
        };
        let silent: Emit = Arc::new(|_| ());
        let mut host =
            TypedHost { connection: Connection::Lent(scratch), catalogue: &self.catalogue, connect: None };
        let mut run = Run::new(&mut host, None, &self.graph, &options, &self.binary_version, &silent)?;
        let _span = tracing::info_span!(target: "migrate", "scratch").entered();
        let outcome = run.build(heads, surroundings, &compared(&options.names, ignore));
        run.restore();
        outcome
    }
}

impl Run<'_, '_> {
    /// The heads that the ledger will name, or names.
    fn claimed_heads(&mut self, verify: &Verify<'_>) -> Result<Vec<String>, Error> {
        let rows = self.read()?;
        let claims_nothing = verify.targets.is_empty() && !verify.purge;
        if rows.is_none() && claims_nothing {
            self.refuse_unadopted()?;
        }
        let rows = rows.unwrap_or_default();
        if claims_nothing {
            let known = self.known(rows)?;
            return Ok(known.applied.heads().into_iter().map(Into::into).collect());
        }
        self.stamped_heads(verify.targets, verify.purge, rows)
    }

    fn build(
        &mut self,
        heads: &[String],
        surroundings: &Surroundings,
        scope: &Scope,
    ) -> Result<(Catalog, Vec<String>), Error> {
        surroundings.enter(self.host.driver())?;
        let before = catalog::read(self.host.driver(), &Scope::default().with_ledger())?;
        if let Some(found) = objects(&before) {
            return Err(VerifyError::NotEmpty(found).into());
        }
        let outcome = self.build_and_read(heads, surroundings, &before, scope);
        self.unwind_transactions();
        let emptied = empty(self.host.driver(), &before);
        let built = outcome?;
        emptied?;
        Ok(built)
    }

    /// Builds in what a new database is, and if that is not enough in one that has more of what this one has.
    fn build_and_read(
        &mut self,
        heads: &[String],
        surroundings: &Surroundings,
        before: &Catalog,
        scope: &Scope,
    ) -> Result<(Catalog, Vec<String>), Error> {
        let mut prepared = Vec::new();
        if let Err(error) = self.apply(heads) {
            let missing = surroundings.missing_in(before);
            if !matches!(error, Error::Stopped { .. }) || missing.is_empty() {
                return Err(failed(error, prepared));
            }
            empty(self.host.driver(), before)?;
            prepared = missing.prepare(self.host.driver());
            self.apply(heads).map_err(|error| failed(error, prepared.clone()))?;
        }
        Ok((catalog::read(self.host.driver(), scope)?, prepared))
    }

    fn apply(&mut self, heads: &[String]) -> Result<(), Error> {
        for head in heads {
            self.migrate(Command::Upgrade(head))?;
        }
        Ok(())
    }
}

fn failed(error: Error, prepared: Vec<String>) -> Error {
    let error = match error {
        Error::Halted { .. } => VerifyError::Halted,
        error => VerifyError::Build { prepared, source: Box::new(error) },
    };
    error.into()
}

/// What a database holds besides schemas and extensions, and would lose when it is emptied.
fn objects(catalog: &Catalog) -> Option<String> {
    let nothing = Catalog {
        schemas: catalog.schemas.clone(),
        extensions: catalog.extensions.clone(),
        ..Catalog::default()
    };
    let Difference { changes } = nothing.difference(catalog);
    let first = changes.first()?.name.clone();
    let more = changes.len() - 1;
    Some(if more > 0 { format!("{first} and {more} more") } else { first })
}

/// Takes out what was not there before.
fn empty(driver: &mut dyn Driver, before: &Catalog) -> diesel::QueryResult<()> {
    match driver.dialect() {
        Dialect::Postgres => super::postgres::empty(driver, before),
        Dialect::Sqlite => super::sqlite::empty(driver),
        Dialect::Mysql => Err(crate::connection::not_spoken()),
    }
}

/// The tables that somebody else may make or drop meanwhile.
fn table_names(
    driver: &mut dyn Driver,
    names: &crate::ledger::LedgerNames,
) -> Result<Vec<String>, diesel::result::Error> {
    let found = unadopted::tables_and_ledger(driver, names)?.into_iter();
    Ok(found.map(|found| format!("{:?}", (found.schema, found.table))).collect())
}
