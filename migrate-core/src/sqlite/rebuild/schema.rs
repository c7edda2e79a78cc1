use diesel::QueryResult;

use super::error::RebuildError;
use crate::connection::Driver;
use crate::sqlite::create_table::CreateTable;
use crate::sqlite::name::same;

/// What `sqlite_schema` holds, and the settings that a rebuild changes and puts back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaSnapshot {
    /// The objects of the database, in the order of `sqlite_schema`.
    pub objects: Vec<SchemaObject>,
    /// The connection's temporary objects.
    pub temporary: Vec<SchemaObject>,
    /// Whether `PRAGMA legacy_alter_table` is on.
    pub legacy_alter_table: bool,
}

/// One row of `sqlite_schema`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaObject {
    /// `table`, `index`, `view` or `trigger`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table or view that it is part of; of those themselves the name.
    pub table: String,
    /// The statement that made it; none for the index of a constraint.
    pub sql: Option<String>,
}

impl SchemaObject {
    /// Its kind and name, as an error mentions it.
    pub(super) fn described(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// Its statement, empty for the index of a constraint.
    pub(super) fn text(&self) -> &str {
        self.sql.as_deref().unwrap_or_default()
    }
}

impl SchemaSnapshot {
    /// Reads the schema of a connection's main database.
    pub fn read(driver: &mut dyn Driver) -> QueryResult<Self> {
        let legacy = driver.query("PRAGMA legacy_alter_table", &[])?;
        Ok(Self {
            objects: objects(driver, "main.sqlite_schema")?,
            temporary: objects(driver, "temp.sqlite_schema")?,
            legacy_alter_table: legacy.first().is_some_and(|row| row.first() == Some(&Some("1".to_owned()))),
        })
    }

    /// A table, and its definition taken apart.
    pub(crate) fn table(&self, wanted: &str) -> Result<(&SchemaObject, CreateTable), RebuildError> {
        let is = |object: &&SchemaObject| object.kind == "table" && same(&object.name, wanted);
        let Some(object) = self.objects.iter().find(is) else {
            return Err(RebuildError::NoTable { table: wanted.to_owned() });
        };
        let definition = CreateTable::parse(object.text())
            .map_err(|source| RebuildError::Definition { table: object.name.clone(), source })?;
        Ok((object, definition))
    }

    /// The objects of a kind that are part of a table.
    pub(crate) fn parts<'s>(&'s self, kind: &str, table: &str) -> impl Iterator<Item = &'s SchemaObject> {
        self.objects.iter().filter(move |object| object.kind == kind && same(&object.table, table))
    }
}

fn objects(driver: &mut dyn Driver, from: &str) -> QueryResult<Vec<SchemaObject>> {
    let rows = driver.query(&format!("SELECT type, name, tbl_name, sql FROM {from} ORDER BY rowid"), &[])?;
    let object = |row: Vec<Option<String>>| {
        let mut columns = row.into_iter();
        let mut next = || columns.next().flatten();
        SchemaObject {
            kind: next().unwrap_or_default(),
            name: next().unwrap_or_default(),
            table: next().unwrap_or_default(),
            sql: next(),
        }
    };
    Ok(rows.into_iter().map(object).collect())
}
