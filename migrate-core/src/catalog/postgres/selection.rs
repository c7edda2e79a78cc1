use std::collections::BTreeMap;

use super::fields::Fields;
use super::snapshot::Snapshot;
use crate::catalog::{CatalogError, ObjectName, Schema, Scope};
use crate::connection::Driver;
use crate::ledger::quote_name;

/// The number of an object.
pub(super) type Oid = u32;

/// The server's `server_version_num`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32);

impl Version {
    const OLDEST: Self = Self(120_000);

    pub(super) fn of(driver: &mut dyn Driver) -> Result<Self, CatalogError> {
        let sql = "SELECT current_setting('server_version_num'), current_setting('server_version')";
        let mut rows = driver.query(sql, &[])?;
        let mut fields = Fields::of("server's version", rows.pop().unwrap_or_default());
        let version = Self(fields.number()?);
        if version < Self::OLDEST {
            return Err(CatalogError::TooOld { version: fields.text()?, oldest: "12" });
        }
        Ok(version)
    }

    /// `expression` from this major version on, `otherwise` before.
    pub(super) fn since<'s>(self, major: u32, expression: &'s str, otherwise: &'s str) -> &'s str {
        if self.0 >= major * 10_000 { expression } else { otherwise }
    }
}

/// A scope in terms of the server's numbers.
pub(super) struct Selection<'s> {
    scope: &'s Scope,
    /// The schemas that are read, by number.
    pub(super) schemas: BTreeMap<Oid, (String, Schema)>,
    namespaces: String,
    tables: Option<String>,
}

impl<'s> Selection<'s> {
    /// Resolves the scope's names, and pins the session's settings once they have been.
    pub(super) fn resolve(snapshot: &mut Snapshot<'_>, scope: &'s Scope) -> Result<Self, CatalogError> {
        let tables = match scope.only_tables() {
            Some(names) => Some(resolve_tables(snapshot.driver, names.iter())?),
            None => None,
        };
        snapshot.pin()?;
        let schemas = read_schemas(snapshot.driver, scope)?;
        let namespaces = list(schemas.keys().copied());
        Ok(Self { scope, schemas, namespaces, tables: tables.map(|tables| list(tables.into_iter())) })
    }

    /// Whether nothing but tables is read.
    pub(super) fn is_tables_only(&self) -> bool {
        self.tables.is_some()
    }

    /// The condition that a row of `pg_class` is read.
    pub(super) fn relations(&self, class: &str) -> String {
        match &self.tables {
            Some(tables) => format!("{class}.oid = ANY ({tables})"),
            None => format!("{class}.relnamespace = ANY ({})", self.namespaces),
        }
    }

    /// The numbers of the tables as an array when there are only those to read.
    pub(super) fn tables(&self) -> Option<&str> {
        self.tables.as_deref()
    }

    /// The schemas as an array.
    pub(super) fn namespaces(&self) -> &str {
        &self.namespaces
    }

    /// The name of an object, unless it is left out.
    pub(super) fn name(&self, schema: Oid, name: String) -> Option<ObjectName> {
        let (schema, _) = self.schemas.get(&schema)?;
        self.scope.has(Some(schema), &name).then(|| ObjectName { schema: Some(schema.clone()), name })
    }
}

/// The condition that an object is not a part of an extension.
pub(super) fn is_no_extensions(catalog: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = '{catalog}'::regclass \
         AND member.objid = {oid} AND member.deptype = 'e')"
    )
}

/// Joins an object's comment as `comment.description`.
pub(super) fn join_comment(catalog: &str, oid: &str, column: &str) -> String {
    format!(
        "LEFT JOIN pg_description AS comment ON comment.objoid = {oid} \
         AND comment.classoid = '{catalog}'::regclass AND comment.objsubid = {column}"
    )
}

fn resolve_tables<'n>(
    driver: &mut dyn Driver,
    names: impl Iterator<Item = &'n ObjectName>,
) -> Result<Vec<Oid>, CatalogError> {
    let texts: Vec<String> = names.map(written).collect();
    let mut found = Vec::new();
    // A statement takes 65,535 parameters.
    for texts in texts.chunks(10_000) {
        let values: Vec<_> = (1..=texts.len()).map(|n| format!("(${n})")).collect();
        let sql = format!(
            "SELECT CAST(CAST(to_regclass(written) AS oid) AS text) FROM (VALUES {}) AS name (written) \
             WHERE to_regclass(written) IS NOT NULL",
            values.join(", ")
        );
        let binds: Vec<_> = texts.iter().map(|text| Some(&**text)).collect();
        for row in driver.query(&sql, &binds)? {
            found.push(Fields::of("table", row).number()?);
        }
    }
    Ok(found)
}

fn written(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote_name(schema), quote_name(&name.name)),
        None => quote_name(&name.name),
    }
}

fn read_schemas(
    driver: &mut dyn Driver,
    scope: &Scope,
) -> Result<BTreeMap<Oid, (String, Schema)>, CatalogError> {
    let sql = format!(
        "SELECT space.oid::text, space.nspname::text, comment.description FROM pg_namespace AS space {} \
         WHERE space.nspname !~ '^pg_' AND space.nspname <> 'information_schema' AND {}",
        join_comment("pg_namespace", "space.oid", "0"),
        is_no_extensions("pg_namespace", "space.oid"),
    );
    let mut schemas = BTreeMap::new();
    for row in driver.query(&sql, &[])? {
        let mut fields = Fields::of("schema", row);
        let (oid, name) = (fields.number()?, fields.text()?);
        if scope.has_schema(&name) {
            schemas.insert(oid, (name, Schema { comment: fields.optional() }));
        }
    }
    Ok(schemas)
}

fn list(numbers: impl Iterator<Item = Oid>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("'{{{}}}'::oid[]", numbers.join(","))
}
