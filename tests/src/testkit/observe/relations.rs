//! The relations of a database at one moment, and what became of them at a later one.

use std::collections::BTreeMap;

use diesel::QueryResult;
use migrate_core::AnyConnection;
use migrate_core::connection::{Driver as _, TextRow};

use super::{Effects, LockMode, Observation};

/// An oid as text: statements take text and return text.
pub(super) type Oid = String;

/// A relation of a user.
#[derive(Debug, Clone)]
struct Relation {
    name: String,
    /// As SQL needs it, with its schema.
    quoted: String,
    /// `pg_class.relkind`.
    kind: String,
    /// The table of an index.
    table: Option<Oid>,
    /// None where there is no file, such as that of a view.
    file: Option<String>,
}

/// All relations of users.
#[derive(Debug, Default)]
pub(super) struct Relations(BTreeMap<Oid, Relation>);

impl Relations {
    /// Reads the catalog; locks nothing but the catalog.
    pub(super) fn read(connection: &mut AnyConnection) -> QueryResult<Self> {
        let rows = connection.query(
            "SELECT c.oid::text, format('%I.%I', n.nspname, c.relname), c.relkind::text, i.indrelid::text, pg_relation_filenode(c.oid)::text, \
             CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_index i ON i.indexrelid = c.oid \
             WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind <> 'c'",
            &[],
        )?;
        let relation = |row: TextRow| {
            let [oid, quoted, kind, table, file, name] = row.try_into().expect("six columns");
            let [quoted, kind, name] = [quoted, kind, name].map(|text| text.expect("not NULL"));
            let relation = Relation { name, quoted, kind, table, file };
            (oid.expect("an oid"), relation)
        };
        Ok(Self(rows.into_iter().map(relation).collect()))
    }

    /// The number of rows in each table; reads them all.
    pub(super) fn count_rows(&self, connection: &mut AnyConnection) -> QueryResult<BTreeMap<Oid, u64>> {
        let mut counts = BTreeMap::new();
        for (oid, relation) in self.0.iter().filter(|(_, relation)| matches!(&*relation.kind, "r" | "m")) {
            let count = format!("SELECT count(*)::text FROM ONLY {}", relation.quoted);
            let rows = connection.query(&count, &[])?;
            counts.insert(oid.clone(), number(rows[0][0].as_deref()));
        }
        Ok(counts)
    }

    /// How many rows of each relation were handed out so far, after functions that take an oid.
    pub(super) fn rows_read(
        &self,
        connection: &mut AnyConnection,
        returned: &str,
        fetched: &str,
    ) -> QueryResult<BTreeMap<Oid, u64>> {
        let oids: Vec<_> = self.0.keys().map(String::as_str).collect();
        let rows = connection.query(
            &format!(
                "SELECT oid::text, ({returned}(oid) + {fetched}(oid))::text \
                 FROM unnest($1::text::oid[]) AS oid"
            ),
            &[Some(&format!("{{{}}}", oids.join(",")))],
        )?;
        Ok(rows.into_iter().map(|row| (row[0].clone().expect("an oid"), number(row[1].as_deref()))).collect())
    }

    /// Compares them with what there is later.
    pub(super) fn compare(&self, later: &Self, seen: &Seen<'_>) -> Observation {
        let mut effects = Effects::default();
        for (oid, relation) in &self.0 {
            let lock = seen.locks.get(oid);
            let table_lock = relation.table.as_ref().map(|table| seen.locks.get(table));
            if let Some(lock) = lock
                && table_lock.is_none_or(|table_lock| table_lock < Some(lock))
            {
                effects.locks.insert(relation.name.clone(), *lock);
            }
            if matches!(&*relation.kind, "r" | "m")
                && later.get(oid, relation).is_some_and(|now| now.file != relation.file)
            {
                effects.rewritten.insert(relation.name.clone());
            }
            let rows = seen.rows.get(oid).copied().unwrap_or_default();
            if rows > 0 && seen.read(oid) >= rows {
                effects.scanned.insert(relation.name.clone());
            }
        }
        for (oid, relation) in &self.0 {
            let Some(table) = relation.table.as_ref().and_then(|table| self.0.get(table)) else { continue };
            if !effects.rewritten.contains(&table.name)
                && later.get(oid, relation).is_some_and(|now| now.file != relation.file)
            {
                effects.rebuilt.insert(relation.name.clone());
            }
        }
        let new = |(oid, relation): (&Oid, &Relation)| {
            let lock = seen.locks.get(oid).filter(|_| !self.0.contains_key(oid))?;
            Some((relation.name.clone(), *lock))
        };
        Observation { effects, created: later.0.iter().filter_map(new).collect() }
    }

    /// What became of a relation. An index may have been made again under its name; a table keeps its oid.
    fn get(&self, oid: &str, before: &Relation) -> Option<&Relation> {
        let same_name = || self.0.values().find(|now| now.name == before.name && now.table.is_some());
        self.0.get(oid).or_else(same_name)
    }
}

/// What was measured between two moments.
pub(super) struct Seen<'a> {
    pub(super) locks: &'a BTreeMap<Oid, LockMode>,
    /// The rows that each table held.
    pub(super) rows: &'a BTreeMap<Oid, u64>,
    pub(super) read_before: &'a BTreeMap<Oid, u64>,
    pub(super) read_after: &'a BTreeMap<Oid, u64>,
}

impl Seen<'_> {
    fn read(&self, oid: &Oid) -> u64 {
        let read = |at: &BTreeMap<Oid, u64>| at.get(oid).copied().unwrap_or_default();
        read(self.read_after).saturating_sub(read(self.read_before))
    }
}

/// Adds the locks that a session holds or waits for to what it held before, the stronger one of each.
pub(super) fn add_locks(
    connection: &mut AnyConnection,
    pid: &str,
    locks: &mut BTreeMap<Oid, LockMode>,
) -> QueryResult<()> {
    let rows = connection.query(
        "SELECT l.relation::text, l.mode FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
         WHERE l.pid = $1::text::int AND l.locktype = 'relation' AND d.datname = current_database()",
        &[Some(pid)],
    )?;
    for row in rows {
        let [Some(oid), Some(mode)] = <[_; 2]>::try_from(row).expect("two columns") else { continue };
        let mode = LockMode::from_catalog(&mode).unwrap_or_else(|| panic!("an unknown lock: {mode}"));
        let lock = locks.entry(oid).or_insert(mode);
        *lock = mode.max(*lock);
    }
    Ok(())
}

/// The process that serves a connection.
pub(super) fn backend_pid(connection: &mut AnyConnection) -> QueryResult<String> {
    let rows = connection.query("SELECT pg_backend_pid()::text", &[])?;
    Ok(rows[0][0].clone().expect("a pid"))
}

fn number(text: Option<&str>) -> u64 {
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}
