use super::fields::Fields;
use super::relations::Relations;
use super::selection::{Oid, Selection, is_no_extensions, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{Catalog, CatalogError, ColumnName, ObjectName, Sequence, SequenceOptions};

/// Reads the sequences: those of identity columns into their columns.
///
/// When there are only tables to read, those that are owned by a column of theirs.
pub(super) fn read(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
    catalog: &mut Catalog,
) -> Result<(), CatalogError> {
    let chosen = match selection.tables() {
        Some(tables) => format!("owner.refobjid = ANY ({tables})"),
        None => selection.relations("class"),
    };
    let sql = format!(
        "SELECT class.relnamespace::text, class.relname::text, format_type(part.seqtypid, NULL), \
         part.seqstart::text, part.seqincrement::text, part.seqmin::text, part.seqmax::text, \
         part.seqcache::text, part.seqcycle::text, (class.relpersistence = 'u')::text, comment.description, \
         (owner.deptype = 'i')::text, owner.refobjid::text, owner.refobjsubid::text, space.nspname::text, \
         holder.relname::text, held.attname::text FROM pg_sequence AS part \
         JOIN pg_class AS class ON class.oid = part.seqrelid \
         LEFT JOIN pg_depend AS owner ON owner.classid = 'pg_class'::regclass AND owner.objid = part.seqrelid \
         AND owner.objsubid = 0 AND owner.refclassid = 'pg_class'::regclass AND owner.deptype IN ('a', 'i') \
         LEFT JOIN pg_class AS holder ON holder.oid = owner.refobjid \
         LEFT JOIN pg_namespace AS space ON space.oid = holder.relnamespace \
         LEFT JOIN pg_attribute AS held ON held.attrelid = owner.refobjid AND held.attnum = owner.refobjsubid {} \
         WHERE {chosen} AND {}",
        join_comment("pg_class", "class.oid", "0"),
        is_no_extensions("pg_class", "class.oid"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        read_one(Fields::of("sequence", row), selection, relations, catalog)?;
    }
    Ok(())
}

fn read_one(
    mut fields: Fields,
    selection: &Selection<'_>,
    relations: &mut Relations,
    catalog: &mut Catalog,
) -> Result<(), CatalogError> {
    let name = selection.name(fields.number()?, fields.text()?);
    let options = SequenceOptions {
        type_: fields.text()?,
        start: fields.number()?,
        increment: fields.number()?,
        min: fields.number()?,
        max: fields.number()?,
        cache: fields.number()?,
        cycle: fields.flag()?,
    };
    let (unlogged, comment) = (fields.flag()?, fields.optional());
    let internal = fields.optional().is_some_and(|internal| internal == "true");
    let (holder, number) = (fields.optional_number::<Oid>()?, fields.optional_number::<i16>()?);
    if internal {
        let relation = holder.and_then(|holder| relations.get_mut(&holder));
        let identity = relation.zip(number).and_then(|(relation, number)| relation.identity(number));
        if let Some(identity) = identity {
            identity.sequence = name;
            identity.options = Some(options);
        }
        return Ok(());
    }
    let owned_by = match (fields.optional(), fields.optional(), fields.optional()) {
        (Some(schema), Some(table), Some(column)) => {
            Some(ColumnName { table: ObjectName::new(schema, table), column })
        }
        _ => None,
    };
    if let Some(name) = name {
        catalog.sequences.insert(name, Sequence { options, owned_by, unlogged, comment });
    }
    Ok(())
}
