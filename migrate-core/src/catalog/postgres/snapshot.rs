use diesel::QueryResult;

use super::selection::Version;
use crate::catalog::CatalogError;
use crate::connection::Driver;

/// Every setting that shows in the server's text of an expression, at its default, and no compiler for queries
/// that run for a moment. Temporary objects come last, so that none stands in front of the server's own.
const PINNED: &str = "SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL quote_all_identifiers = off; \
     SET LOCAL standard_conforming_strings = on; SET LOCAL DateStyle = 'ISO, YMD'; \
     SET LOCAL IntervalStyle = postgres; SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1; \
     SET LOCAL bytea_output = hex; SET LOCAL lc_monetary = 'C'; SET LOCAL jit = off";

/// A transaction of Diesel's that is not open yet.
const SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The setting by which a transaction is found that was opened in SQL.
const MARK: &str = "migrate.catalog";

/// A transaction or savepoint that is always rolled back: that alone takes back `SET LOCAL` within a transaction
/// that goes on.
pub(super) struct Snapshot<'d> {
    pub(super) driver: &'d mut dyn Driver,
    pub(super) version: Version,
    /// Whether the transaction is one that Diesel does not know.
    foreign: bool,
}

/// Calls `look` in a snapshot, and leaves the session as it was.
pub(super) fn within<T>(
    driver: &mut dyn Driver,
    look: impl FnOnce(&mut Snapshot<'_>) -> Result<T, CatalogError>,
) -> Result<T, CatalogError> {
    let mut snapshot = begin(driver)?;
    let result = look(&mut snapshot);
    let ended = end(&mut snapshot);
    let value = result?;
    ended?;
    Ok(value)
}

impl Snapshot<'_> {
    /// Pins what the server's texts depend on; before that, names mean what they mean to the session.
    pub(super) fn pin(&mut self) -> QueryResult<()> {
        self.driver.batch(PINNED)
    }
}

fn begin(driver: &mut dyn Driver) -> Result<Snapshot<'_>, CatalogError> {
    let depth = driver.transaction_depth().ok_or(CatalogError::UnknownTransaction)?;
    let foreign = depth == 0 && is_in_transaction(driver)?;
    if foreign {
        driver.batch("SAVEPOINT migrate_catalog")?;
    } else {
        driver.begin(if depth == 0 { SNAPSHOT } else { "" })?;
    }
    let mut snapshot = Snapshot { driver, version: Version(0), foreign };
    match Version::of(snapshot.driver) {
        Ok(version) => {
            snapshot.version = version;
            Ok(snapshot)
        }
        Err(error) => {
            end(&mut snapshot)?;
            Err(error)
        }
    }
}

fn end(snapshot: &mut Snapshot<'_>) -> QueryResult<()> {
    if snapshot.foreign {
        snapshot.driver.batch("ROLLBACK TO SAVEPOINT migrate_catalog; RELEASE SAVEPOINT migrate_catalog")
    } else {
        snapshot.driver.rollback()
    }
}

/// Whether a transaction is open that was opened in SQL, past Diesel: a setting for this transaction outlives the
/// statement then.
fn is_in_transaction(driver: &mut dyn Driver) -> QueryResult<bool> {
    driver.query("SELECT set_config($1, 'open', true)", &[Some(MARK)])?;
    let rows = driver.query("SELECT current_setting($1, true)", &[Some(MARK)])?;
    let open =
        rows.first().is_some_and(|row| row.first().is_some_and(|mark| mark.as_deref() == Some("open")));
    if open {
        driver.query("SELECT set_config($1, '', true)", &[Some(MARK)])?;
    }
    Ok(open)
}
