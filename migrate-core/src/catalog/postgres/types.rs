use super::constraints::Domains;
use super::fields::Fields;
use super::selection::{Selection, is_no_extensions, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{Catalog, CatalogError, Domain, Extension};

/// Reads the extensions, wherever their objects are.
pub(super) fn read_extensions(
    snapshot: &mut Snapshot<'_>,
    catalog: &mut Catalog,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT extension.extname::text, space.nspname::text, extension.extversion, comment.description \
         FROM pg_extension AS extension JOIN pg_namespace AS space ON space.oid = extension.extnamespace {}",
        join_comment("pg_extension", "extension.oid", "0"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("extension", row);
        let name = fields.text()?;
        let extension =
            Extension { schema: fields.text()?, version: fields.text()?, comment: fields.optional() };
        catalog.extensions.insert(name, extension);
    }
    Ok(())
}

/// Reads the enum types.
pub(super) fn read_enums(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    catalog: &mut Catalog,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT type.typnamespace::text, type.typname::text, (SELECT json_agg(label.enumlabel \
         ORDER BY label.enumsortorder)::text FROM pg_enum AS label WHERE label.enumtypid = type.oid), \
         comment.description FROM pg_type AS type {} \
         WHERE type.typtype = 'e' AND type.typnamespace = ANY ({}) AND {}",
        join_comment("pg_type", "type.oid", "0"),
        selection.namespaces(),
        is_no_extensions("pg_type", "type.oid"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("enum", row);
        let Some(name) = selection.name(fields.number()?, fields.text()?) else { continue };
        let entry = catalog.enums.entry(name).or_default();
        entry.values = fields.list()?;
        entry.comment = fields.optional();
    }
    Ok(())
}

/// Reads the domains, without their constraints.
pub(super) fn read_domains(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
) -> Result<Domains, CatalogError> {
    let sql = format!(
        "SELECT type.oid::text, type.typnamespace::text, type.typname::text, \
         format_type(type.typbasetype, type.typtypmod), (NOT type.typnotnull)::text, \
         pg_get_expr(type.typdefaultbin, 0), CASE WHEN type.typcollation <> base.typcollation THEN \
         (SELECT CASE WHEN space.nspname <> 'pg_catalog' THEN quote_ident(space.nspname) || '.' ELSE '' END \
         || quote_ident(rule.collname) FROM pg_collation AS rule \
         JOIN pg_namespace AS space ON space.oid = rule.collnamespace WHERE rule.oid = type.typcollation) END, \
         comment.description FROM pg_type AS type JOIN pg_type AS base ON base.oid = type.typbasetype {} \
         WHERE type.typtype = 'd' AND type.typnamespace = ANY ({}) AND {}",
        join_comment("pg_type", "type.oid", "0"),
        selection.namespaces(),
        is_no_extensions("pg_type", "type.oid"),
    );
    let mut domains = Domains::new();
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("domain", row);
        let oid = fields.number()?;
        let Some(name) = selection.name(fields.number()?, fields.text()?) else { continue };
        let domain = Domain {
            type_: fields.text()?,
            nullable: fields.flag()?,
            default: fields.optional(),
            collation: fields.optional(),
            checks: Vec::new(),
            comment: fields.optional(),
        };
        domains.insert(oid, (name, domain));
    }
    Ok(domains)
}
