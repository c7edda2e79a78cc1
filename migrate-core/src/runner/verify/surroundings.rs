//! What a database has besides what the revisions make: where names lead, and what its administrator has put there.

use diesel::QueryResult;

use crate::catalog::Catalog;
use crate::connection::{Dialect, Driver};
use crate::ledger::quote_name;

/// The surroundings of a session; nothing on SQLite.
#[derive(Debug, Clone, Default)]
pub(super) struct Surroundings {
    search_path: Option<String>,
    /// The schemas that it leads to.
    pub(super) schemas: Vec<String>,
    /// Each extension with its schema.
    extensions: Vec<(String, String)>,
}

impl Surroundings {
    pub(super) fn of(driver: &mut dyn Driver) -> QueryResult<Self> {
        if driver.dialect() != Dialect::Postgres {
            return Ok(Self::default());
        }
        let mut texts = |sql: &str| {
            let rows = driver.query(sql, &[])?.into_iter();
            QueryResult::Ok(
                rows.map(|row| row.into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>())
                    .collect::<Vec<_>>(),
            )
        };
        let search_path = texts("SELECT current_setting('search_path')")?.concat().pop();
        let schemas = texts(
            "SELECT CAST(name AS text) FROM unnest(current_schemas(false)) AS name \
             WHERE name !~ '^pg_' AND name <> 'information_schema' ORDER BY 1",
        )?;
        let extensions = texts(
            "SELECT CAST(extname AS text), CAST(nspname AS text) FROM pg_extension \
             JOIN pg_namespace ON pg_namespace.oid = extnamespace ORDER BY 1",
        )?;
        let pair = |row: Vec<String>| <[String; 2]>::try_from(row).ok().map(|[name, schema]| (name, schema));
        Ok(Self {
            search_path,
            schemas: schemas.concat(),
            extensions: extensions.into_iter().filter_map(pair).collect(),
        })
    }

    /// Has names mean on the scratch database what they mean on the other.
    pub(super) fn enter(&self, driver: &mut dyn Driver) -> QueryResult<()> {
        if let Some(path) = &self.search_path {
            driver.query("SELECT set_config('search_path', $1, false)", &[Some(path)])?;
        }
        Ok(())
    }

    /// What the scratch database would lack if the revisions do not make it.
    pub(super) fn missing_in(&self, scratch: &Catalog) -> Missing<'_> {
        let in_pg = |schema: &str| schema.starts_with("pg_");
        let extensions: Vec<_> =
            self.extensions.iter().filter(|(name, _)| !scratch.extensions.contains_key(name)).collect();
        let of_extensions = extensions.iter().map(|(_, schema)| schema).filter(|schema| !in_pg(schema));
        let mut schemas: Vec<_> = self.schemas.iter().chain(of_extensions).map(String::as_str).collect();
        schemas.retain(|schema| !scratch.schemas.contains_key(*schema));
        schemas.sort_unstable();
        schemas.dedup();
        Missing { schemas, extensions }
    }
}

/// What one database has and another has not.
pub(super) struct Missing<'s> {
    schemas: Vec<&'s str>,
    extensions: Vec<&'s (String, String)>,
}

impl Missing<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.schemas.is_empty() && self.extensions.is_empty()
    }

    /// Makes it, as far as this login may; returns what was made. What still is missing the revisions will tell.
    pub(super) fn prepare(&self, driver: &mut dyn Driver) -> Vec<String> {
        let schemas = self.schemas.iter().map(|schema| {
            (format!("schema {schema}"), format!("CREATE SCHEMA IF NOT EXISTS {}", quote_name(schema)))
        });
        let extensions = self.extensions.iter().map(|(name, schema)| {
            let sql = format!(
                "CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE",
                quote_name(name),
                quote_name(schema)
            );
            (format!("extension {name}"), sql)
        });
        schemas.chain(extensions).filter(|(_, sql)| driver.batch(sql).is_ok()).map(|(what, _)| what).collect()
    }
}
