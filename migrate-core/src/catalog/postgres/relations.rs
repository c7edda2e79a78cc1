use std::collections::HashMap;

use super::constraints;
use super::fields::Fields;
use super::selection::{Oid, Selection, is_no_extensions};
use super::snapshot::Snapshot;
use crate::catalog::{
    Attribute, Catalog, CatalogError, Composite, ForeignServer, Identity, MaterializedView, ObjectName,
    PartitionOf, ReplicaIdentity, Table, TableOptions, View,
};

/// What has columns, while its parts are collected; a view or a composite type passes for a table until the end.
pub(super) struct Relation {
    pub(super) name: ObjectName,
    pub(super) table: Table,
    /// The number and the collation of each column, in the order of `table.columns`.
    pub(super) numbers: Vec<(i16, Oid)>,
    kind: Kind,
    /// Which rows a partition takes.
    bound: Option<String>,
    definition: Option<String>,
    populated: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Table,
    ForeignTable,
    View,
    MaterializedView,
    Composite,
}

/// Relations by their number.
pub(super) type Relations = HashMap<Oid, Relation>;

impl Relation {
    /// The column of a number, with its collation.
    pub(super) fn column(&self, number: i16) -> Option<(&str, Oid)> {
        let position = self.numbers.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        Some((&self.table.columns[position].name, self.numbers[position].1))
    }

    /// The columns of these numbers.
    pub(super) fn columns(&self, numbers: &[i16]) -> Vec<String> {
        numbers.iter().filter_map(|&number| self.column(number)).map(|(name, _)| name.to_owned()).collect()
    }

    /// The identity of the column of a number.
    pub(super) fn identity(&mut self, number: i16) -> Option<&mut Identity> {
        let position = self.numbers.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        self.table.columns[position].identity.as_mut()
    }

    /// Becomes what it is.
    pub(super) fn settle(self, catalog: &mut Catalog) {
        let Self { name, mut table, kind, definition, populated, .. } = self;
        let definition = definition.unwrap_or_default();
        match kind {
            Kind::Table | Kind::ForeignTable => {
                constraints::sort(&mut table.uniques);
                constraints::sort(&mut table.checks);
                constraints::sort(&mut table.foreign_keys);
                constraints::sort(&mut table.exclusions);
                catalog.tables.insert(name, table);
            }
            Kind::View => {
                let Table { columns, triggers, rules, options, comment, .. } = table;
                let options = options.parameters;
                catalog.views.insert(name, View { columns, definition, options, triggers, rules, comment });
            }
            Kind::MaterializedView => {
                let Table { columns, indexes, options, comment, .. } = table;
                let TableOptions { parameters, tablespace, access_method, .. } = options;
                let options = parameters;
                let view = MaterializedView {
                    columns,
                    definition,
                    populated,
                    options,
                    tablespace,
                    access_method,
                    indexes,
                    comment,
                };
                catalog.materialized_views.insert(name, view);
            }
            Kind::Composite => {
                let attributes = table.columns.into_iter().map(|column| Attribute {
                    name: column.name,
                    type_: column.type_,
                    collation: column.collation,
                    comment: column.comment,
                });
                let composite = Composite { attributes: attributes.collect(), comment: table.comment };
                catalog.composites.insert(name, composite);
            }
        }
    }
}

/// Reads tables of every kind, views, and composite types, without their columns.
pub(super) fn read(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
) -> Result<Relations, CatalogError> {
    let kinds = if selection.is_tables_only() { "'r', 'p', 'f'" } else { "'r', 'p', 'f', 'v', 'm', 'c'" };
    // The comment of a composite type is its type's, not its relation's.
    let sql = format!(
        "SELECT class.oid::text, class.relnamespace::text, class.relname::text, class.relkind::text, \
         class.relpersistence::text, class.relreplident::text, class.relrowsecurity::text, \
         class.relforcerowsecurity::text, class.relispopulated::text, to_json(class.reloptions)::text, \
         to_json(toast.reloptions)::text, space.spcname::text, NULLIF(method.amname, 'heap')::text, \
         CASE class.relkind WHEN 'p' THEN pg_get_partkeydef(class.oid) END, \
         pg_get_expr(class.relpartbound, class.oid), \
         CASE WHEN class.reloftype <> 0 THEN format_type(class.reloftype, NULL) END, \
         CASE WHEN class.relkind IN ('v', 'm') THEN pg_get_viewdef(class.oid) END, \
         server.srvname::text, to_json(abroad.ftoptions)::text, comment.description \
         FROM pg_class AS class \
         LEFT JOIN pg_class AS toast ON toast.oid = class.reltoastrelid \
         LEFT JOIN pg_tablespace AS space ON space.oid = class.reltablespace \
         LEFT JOIN pg_am AS method ON method.oid = class.relam \
         LEFT JOIN pg_foreign_table AS abroad ON abroad.ftrelid = class.oid \
         LEFT JOIN pg_foreign_server AS server ON server.oid = abroad.ftserver \
         LEFT JOIN pg_description AS comment ON comment.objsubid = 0 \
         AND comment.objoid = CASE class.relkind WHEN 'c' THEN class.reltype ELSE class.oid END \
         AND comment.classoid = CASE class.relkind WHEN 'c' THEN 'pg_type'::regclass ELSE 'pg_class'::regclass END \
         WHERE class.relkind IN ({kinds}) AND {} AND {}",
        selection.relations("class"),
        is_no_extensions("pg_class", "class.oid"),
    );
    let mut relations = Relations::new();
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("relation", row);
        let (oid, schema, name) = (fields.number()?, fields.number()?, fields.text()?);
        if let Some(name) = selection.name(schema, name) {
            relations.insert(oid, relation(name, fields)?);
        }
    }
    read_parents(snapshot, selection, &mut relations)?;
    Ok(relations)
}

fn relation(name: ObjectName, mut fields: Fields) -> Result<Relation, CatalogError> {
    let kind = fields.code(&[
        ("r", Kind::Table),
        ("p", Kind::Table),
        ("f", Kind::ForeignTable),
        ("v", Kind::View),
        ("m", Kind::MaterializedView),
        ("c", Kind::Composite),
    ])?;
    let unlogged = fields.code(&[("p", false), ("u", true), ("t", false)])?;
    let replica_identity = match fields.text()?.as_str() {
        "n" => ReplicaIdentity::Nothing,
        "f" => ReplicaIdentity::Full,
        // That of an index is filled in when the index is read.
        _ => ReplicaIdentity::Default,
    };
    // What has no rows of its own says `n`.
    let replica_identity =
        if matches!(kind, Kind::Table) { replica_identity } else { ReplicaIdentity::Default };
    let (row_security, force_row_security, populated) = (fields.flag()?, fields.flag()?, fields.flag()?);
    let mut parameters = fields.options()?;
    parameters.extend(fields.options()?.into_iter().map(|(name, value)| (format!("toast.{name}"), value)));
    let mut options = TableOptions {
        unlogged,
        replica_identity,
        row_security,
        force_row_security,
        parameters,
        tablespace: fields.optional(),
        access_method: fields.optional(),
        partition_by: fields.optional(),
        ..TableOptions::default()
    };
    let bound = fields.optional();
    options.of_type = fields.optional();
    let definition = fields.optional();
    let server = fields.optional();
    let server_options = fields.options()?;
    options.foreign = server.map(|server| ForeignServer { server, options: server_options });
    let table = Table { options, comment: fields.optional(), ..Table::default() };
    Ok(Relation { name, table, numbers: Vec::new(), kind, bound, definition, populated })
}

fn read_parents(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT class.oid::text, space.nspname::text, parent.relname::text FROM pg_inherits AS link \
         JOIN pg_class AS class ON class.oid = link.inhrelid JOIN pg_class AS parent ON parent.oid = link.inhparent \
         JOIN pg_namespace AS space ON space.oid = parent.relnamespace \
         WHERE class.relkind IN ('r', 'p', 'f') AND {} ORDER BY link.inhrelid, link.inhseqno",
        selection.relations("class"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("parent", row);
        let child: Oid = fields.number()?;
        let parent = ObjectName::new(fields.text()?, fields.text()?);
        let Some(relation) = relations.get_mut(&child) else { continue };
        let options = &mut relation.table.options;
        match relation.bound.take() {
            Some(bound) => options.partition_of = Some(PartitionOf { table: parent, bound }),
            None => options.inherits.push(parent),
        }
    }
    Ok(())
}

/// Reads what stands on a relation by a name of its own: its number, its name, and what `make` takes.
pub(super) fn read_parts(
    snapshot: &mut Snapshot<'_>,
    relations: &mut Relations,
    what: &'static str,
    sql: &str,
    mut make: impl FnMut(&mut Relation, String, Fields) -> Result<(), CatalogError>,
) -> Result<(), CatalogError> {
    for row in snapshot.driver.query(sql, &[])? {
        let mut fields = Fields::of(what, row);
        let oid: Oid = fields.number()?;
        if let Some(relation) = relations.get_mut(&oid) {
            let name = fields.text()?;
            make(relation, name, fields)?;
        }
    }
    Ok(())
}
