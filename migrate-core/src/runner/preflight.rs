use super::error::Error;
use super::options::Options;
use crate::connection::Dialect;
use crate::plan::{Direction, Plan};
use crate::registry::Migrations;

/// Refuses what cannot work before anything runs.
pub(super) fn preflight(
    plan: &Plan<'_>,
    dialect: Dialect,
    options: &Options,
    one_transaction: bool,
    migrations: &dyn Migrations,
) -> Result<(), Error> {
    if dialect != Dialect::Postgres && options.statement_timeout.is_some() {
        return Err(Error::Unsupported { setting: "statement timeout", dialect });
    }
    if dialect == Dialect::Mysql && one_transaction {
        return Err(Error::Unsupported { setting: "single transaction", dialect });
    }
    for step in &plan.steps {
        let revision = step.id();
        if let Some(written_for) = migrations.written_for(revision).filter(|server| *server != dialect) {
            return Err(Error::WrongServer { revision: revision.to_owned(), written_for, dialect });
        }
        let Some(declaration) = migrations.declaration(revision) else { continue };
        if let (Direction::Downgrade, Some(reason)) = (step.direction(), declaration.irreversible) {
            return Err(Error::Irreversible { revision: revision.to_owned(), reason: reason.to_owned() });
        }
        if one_transaction && !declaration.transaction {
            return Err(Error::NotTransactional { revision: revision.to_owned() });
        }
    }
    Ok(())
}
