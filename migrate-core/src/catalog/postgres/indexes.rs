use std::collections::{BTreeSet, HashMap};

use super::fields::Fields;
use super::relations::{Relation, Relations};
use super::selection::{Oid, Selection, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{CatalogError, Index, IndexKey, IndexTarget, Nulls, ObjectName, Order, ReplicaIdentity};
use crate::connection::TextRow;

/// Bits of `indoption`.
const DESC: u16 = 1;
const NULLS_FIRST: u16 = 2;

/// The column of `indcollation` in the answer.
const COLLATIONS: usize = 7;

/// The collation of a type that has none of its own to say.
const DEFAULT_COLLATION: Oid = 100;

/// Where each index was put.
pub(super) type Indexes = HashMap<Oid, (Oid, String)>;

/// Names of what is not the default, by number; `None` stands for a default.
struct Names {
    opclasses: HashMap<Oid, Option<String>>,
    collations: HashMap<Oid, String>,
}

/// Reads the indexes of all relations.
pub(super) fn read(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<Indexes, CatalogError> {
    let sql = format!(
        "SELECT part.indexrelid::text, part.indrelid::text, class.relname::text, part.indkey::text, \
         part.indnkeyatts::text, part.indoption::text, part.indclass::text, part.indcollation::text, \
         pg_get_expr(part.indexprs, part.indrelid), \
         CASE WHEN cardinality(array_positions(part.indkey::smallint[], 0::smallint)) > 1 THEN \
         (SELECT json_agg(pg_get_indexdef(part.indexrelid, place, false) ORDER BY place)::text \
         FROM generate_series(1, part.indnkeyatts) AS place) END, \
         part.indisunique::text, {}::text, method.amname::text, pg_get_expr(part.indpred, part.indrelid), \
         to_json(class.reloptions)::text, part.indisvalid::text, owner.conname::text, \
         space.nspname::text, parent.relname::text, part.indisclustered::text, part.indisreplident::text, \
         CASE WHEN owner.oid IS NULL THEN pg_get_indexdef(part.indexrelid) END, comment.description \
         FROM pg_index AS part JOIN pg_class AS class ON class.oid = part.indexrelid \
         JOIN pg_class AS holder ON holder.oid = part.indrelid JOIN pg_am AS method ON method.oid = class.relam \
         LEFT JOIN pg_constraint AS owner ON owner.conindid = part.indexrelid \
         AND owner.conrelid = part.indrelid AND owner.contype IN ('p', 'u', 'x') \
         LEFT JOIN pg_inherits AS link ON link.inhrelid = part.indexrelid \
         LEFT JOIN pg_class AS parent ON parent.oid = link.inhparent \
         LEFT JOIN pg_namespace AS space ON space.oid = parent.relnamespace {} \
         WHERE holder.relkind IN ('r', 'p', 'm') AND {}",
        snapshot.version.since(15, "part.indnullsnotdistinct", "false"),
        join_comment("pg_class", "part.indexrelid", "0"),
        selection.relations("holder"),
    );
    let rows = snapshot.driver.query(&sql, &[])?;
    let names = Names { opclasses: read_opclasses(snapshot)?, collations: read_collations(snapshot, &rows)? };
    let mut indexes = Indexes::new();
    for row in rows {
        let mut fields = Fields::of("index", row);
        let (oid, holder, name): (Oid, Oid, _) = (fields.number()?, fields.number()?, fields.text()?);
        let Some(relation) = relations.get_mut(&holder) else { continue };
        let (index, identifies) = index(relation, &names, fields)?;
        if identifies {
            relation.table.options.replica_identity = ReplicaIdentity::Index(name.clone());
        }
        relation.table.indexes.insert(name.clone(), index);
        indexes.insert(oid, (holder, name));
    }
    Ok(indexes)
}

/// An index, and whether it identifies rows for replication.
fn index(relation: &Relation, names: &Names, mut fields: Fields) -> Result<(Index, bool), CatalogError> {
    let columns: Vec<i16> = fields.numbers()?;
    let key_count: usize = fields.number()?;
    let keys = keys(relation, names, &columns[..key_count.min(columns.len())], &mut fields)?;
    let include = relation.columns(columns.get(key_count..).unwrap_or_default());
    let index = Index {
        keys,
        include,
        unique: fields.flag()?,
        nulls_not_distinct: fields.flag()?,
        method: fields.text()?,
        predicate: fields.optional(),
        options: fields.options()?,
        valid: fields.flag()?,
        constraint: fields.optional(),
        partition_of: match (fields.optional(), fields.optional()) {
            (Some(schema), Some(name)) => Some(ObjectName { schema: Some(schema), name }),
            _ => None,
        },
        clustered: fields.flag()?,
        definition: String::new(),
        comment: None,
    };
    let identifies = fields.flag()?;
    let definition = fields.optional().unwrap_or_default();
    Ok((Index { definition, comment: fields.optional(), ..index }, identifies))
}

fn keys(
    relation: &Relation,
    names: &Names,
    columns: &[i16],
    fields: &mut Fields,
) -> Result<Vec<IndexKey>, CatalogError> {
    let options: Vec<u16> = fields.numbers()?;
    let opclasses: Vec<Oid> = fields.numbers()?;
    let collations: Vec<Oid> = fields.numbers()?;
    // One expression is the server's list of them; the members of a longer list are asked for one by one.
    let only = fields.optional();
    let expressions = fields.list()?;
    let key = |(place, &number): (usize, &i16)| {
        let (target, own_collation) = if let Some((name, collation)) = relation.column(number) {
            (IndexTarget::Column(name.to_owned()), collation)
        } else {
            let among = expressions.get(place).map(|text| without_parentheses(text));
            (IndexTarget::Expression(among.or(only.as_deref())?.to_owned()), DEFAULT_COLLATION)
        };
        let option = options.get(place).copied().unwrap_or_default();
        let order = if option & DESC == 0 { Order::Asc } else { Order::Desc };
        let collation = collations.get(place).filter(|&&collation| collation != own_collation);
        Some(IndexKey {
            target,
            order,
            nulls: match (order, option & NULLS_FIRST != 0) {
                (Order::Asc, true) => Nulls::First,
                (Order::Desc, false) => Nulls::Last,
                _ => Nulls::Default,
            },
            opclass: opclasses.get(place).and_then(|opclass| names.opclasses.get(opclass)?.clone()),
            collation: collation.and_then(|collation| names.collations.get(collation).cloned()),
        })
    };
    let keys: Option<Vec<_>> = columns.iter().enumerate().map(key).collect();
    keys.ok_or_else(|| fields.unreadable(&format!("{columns:?}")))
}

/// An expression without the parentheses that `pg_get_indexdef` puts around all but a call of a function.
fn without_parentheses(text: &str) -> &str {
    text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text)
}

/// The operator classes of a server are some two hundred: cheaper read once than joined to each key.
fn read_opclasses(snapshot: &mut Snapshot<'_>) -> Result<HashMap<Oid, Option<String>>, CatalogError> {
    let sql = "SELECT class.oid::text, CASE WHEN NOT class.opcdefault THEN \
         CASE WHEN space.nspname <> 'pg_catalog' THEN quote_ident(space.nspname) || '.' ELSE '' END \
         || quote_ident(class.opcname) END FROM pg_opclass AS class \
         JOIN pg_namespace AS space ON space.oid = class.opcnamespace";
    let row = |row| {
        let mut fields = Fields::of("operator class", row);
        Ok((fields.number()?, fields.optional()))
    };
    snapshot.driver.query(sql, &[])?.into_iter().map(row).collect()
}

/// Reads the names of the collations that these indexes use.
fn read_collations(
    snapshot: &mut Snapshot<'_>,
    indexes: &[TextRow],
) -> Result<HashMap<Oid, String>, CatalogError> {
    let used: BTreeSet<Oid> = indexes
        .iter()
        .filter_map(|row| row.get(COLLATIONS)?.as_deref())
        .flat_map(|vector| vector.split(' ').filter_map(|number| number.parse().ok()))
        .collect();
    let used: Vec<_> = used.iter().map(ToString::to_string).collect();
    let sql = format!(
        "SELECT rule.oid::text, CASE WHEN space.nspname <> 'pg_catalog' THEN quote_ident(space.nspname) || '.' \
         ELSE '' END || quote_ident(rule.collname) FROM pg_collation AS rule \
         JOIN pg_namespace AS space ON space.oid = rule.collnamespace WHERE rule.oid = ANY ('{{{}}}'::oid[])",
        used.join(",")
    );
    let row = |row| {
        let mut fields = Fields::of("collation", row);
        Ok((fields.number()?, fields.text()?))
    };
    snapshot.driver.query(&sql, &[])?.into_iter().map(row).collect()
}
