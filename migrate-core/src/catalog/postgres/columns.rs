use super::fields::Fields;
use super::relations::{self, Relations};
use super::selection::{Selection, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{CatalogError, Column, Generated, GeneratedKind, Identity, IdentityKind};

/// Reads the columns of all relations.
pub(super) fn read(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT part.attrelid::text, part.attname::text, part.attnum::text, part.attcollation::text, \
         format_type(part.atttypid, part.atttypmod), part.attnotnull::text, \
         pg_get_expr(value.adbin, value.adrelid), part.attgenerated::text, part.attidentity::text, \
         CASE WHEN part.attcollation <> type.typcollation THEN \
         (SELECT CASE WHEN space.nspname <> 'pg_catalog' THEN quote_ident(space.nspname) || '.' ELSE '' END \
         || quote_ident(rule.collname) FROM pg_collation AS rule \
         JOIN pg_namespace AS space ON space.oid = rule.collnamespace WHERE rule.oid = part.attcollation) END, \
         CASE WHEN part.attstorage <> type.typstorage THEN part.attstorage::text END, {}::text, \
         NULLIF(part.attstattarget, -1)::text, to_json(part.attoptions)::text, (NOT part.attislocal)::text, \
         comment.description FROM pg_attribute AS part JOIN pg_class AS class ON class.oid = part.attrelid \
         JOIN pg_type AS type ON type.oid = part.atttypid \
         LEFT JOIN pg_attrdef AS value ON value.adrelid = part.attrelid AND value.adnum = part.attnum {} \
         WHERE part.attnum > 0 AND NOT part.attisdropped AND class.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') \
         AND {} ORDER BY part.attrelid, part.attnum",
        snapshot.version.since(14, "NULLIF(part.attcompression, '')", "NULL"),
        join_comment("pg_class", "part.attrelid", "part.attnum"),
        selection.relations("class"),
    );
    relations::read_parts(snapshot, relations, "column", &sql, |relation, name, mut fields| {
        relation.numbers.push((fields.number()?, fields.number()?));
        relation.table.columns.push(column(name, fields)?);
        Ok(())
    })
}

fn column(name: String, mut fields: Fields) -> Result<Column, CatalogError> {
    let mut column = Column::new(name, fields.text()?);
    column.nullable = !fields.flag()?;
    let expression = fields.optional();
    let kind = fields.code(&[
        ("", None),
        ("s", Some(GeneratedKind::Stored)),
        ("v", Some(GeneratedKind::Virtual)),
    ])?;
    match (kind, expression) {
        (Some(kind), Some(expression)) => column.generated = Some(Generated { kind, expression }),
        (_, expression) => column.default = expression,
    }
    let identity = fields.code(&[
        ("", None),
        ("a", Some(IdentityKind::Always)),
        ("d", Some(IdentityKind::ByDefault)),
    ])?;
    column.identity = identity.map(|kind| Identity { kind, sequence: None, options: None });
    column.collation = fields.optional();
    column.storage =
        named(fields.optional(), &[("p", "plain"), ("e", "external"), ("m", "main"), ("x", "extended")]);
    column.compression = named(fields.optional(), &[("p", "pglz"), ("l", "lz4")]);
    column.statistics_target = fields.optional_number()?;
    column.options = fields.options()?;
    column.inherited = fields.flag()?;
    column.comment = fields.optional();
    Ok(column)
}

/// The word for a code; a code that a later server may have invented stays as it is.
fn named(code: Option<String>, words: &[(&str, &str)]) -> Option<String> {
    code.map(|code| match words.iter().find(|(known, _)| *known == code) {
        Some((_, word)) => (*word).to_owned(),
        None => code,
    })
}
