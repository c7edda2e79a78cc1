use std::collections::BTreeMap;

use super::fields::Fields;
use super::indexes::Indexes;
use super::relations::{Relation, Relations};
use super::selection::{Oid, Selection, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{
    Action, CatalogError, Check, Constraint, Deferrable, Domain, Exclusion, ForeignKey, Match, NotNull,
    ObjectName, PrimaryKey, Unique,
};

/// Domains while their constraints are collected.
pub(super) type Domains = BTreeMap<Oid, (ObjectName, Domain)>;

/// What a row says of its constraint besides what all kinds have in common.
struct Parts {
    columns: Vec<i16>,
    index: Oid,
    expression: Option<String>,
    no_inherit: bool,
    operators: Vec<String>,
    reference: Option<ForeignKey>,
}

/// Puts constraints in the order that [`Table`](crate::catalog::Table) promises.
pub(super) fn sort<R>(constraints: &mut [Constraint<R>]) {
    constraints.sort_by(|a, b| (&a.name, &a.definition).cmp(&(&b.name, &b.definition)));
}

/// Reads the constraints of all tables and domains.
pub(super) fn read(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
    indexes: &Indexes,
    domains: &mut Domains,
) -> Result<(), CatalogError> {
    let chosen = match selection.tables() {
        Some(tables) => format!("rule.conrelid = ANY ({tables})"),
        None => format!("rule.connamespace = ANY ({})", selection.namespaces()),
    };
    // A key that refers to a partitioned table has a second row for each partition there, the server's own.
    let sql = format!(
        "SELECT rule.conrelid::text, rule.contypid::text, rule.contype::text, rule.conname::text, \
         pg_get_constraintdef(rule.oid), rule.convalidated::text, {enforced}::text, \
         CASE WHEN rule.condeferred THEN 'd' WHEN rule.condeferrable THEN 'i' ELSE 'n' END, \
         (NOT rule.conislocal)::text, comment.description, rule.conkey::text, rule.conindid::text, \
         CASE rule.contype WHEN 'c' THEN pg_get_expr(rule.conbin, rule.conrelid) END, rule.connoinherit::text, \
         CASE rule.contype WHEN 'x' THEN (SELECT json_agg(CASE WHEN space.nspname <> 'pg_catalog' \
         THEN quote_ident(space.nspname) || '.' ELSE '' END || operator.oprname ORDER BY each.place)::text \
         FROM unnest(rule.conexclop) WITH ORDINALITY AS each (oid, place) \
         JOIN pg_operator AS operator ON operator.oid = each.oid \
         JOIN pg_namespace AS space ON space.oid = operator.oprnamespace) END, \
         space.nspname::text, target.relname::text, \
         CASE rule.contype WHEN 'f' THEN (SELECT json_agg(part.attname ORDER BY each.place)::text \
         FROM unnest(rule.confkey) WITH ORDINALITY AS each (number, place) \
         JOIN pg_attribute AS part ON part.attrelid = rule.confrelid AND part.attnum = each.number) END, \
         rule.confdeltype::text, {delete_columns}::text, rule.confupdtype::text, rule.confmatchtype::text \
         FROM pg_constraint AS rule LEFT JOIN pg_class AS target ON target.oid = rule.confrelid \
         LEFT JOIN pg_namespace AS space ON space.oid = target.relnamespace \
         LEFT JOIN pg_constraint AS above ON above.oid = rule.conparentid {comment} \
         WHERE rule.contype IN ('p', 'u', 'c', 'f', 'x', 'n') AND {chosen} \
         AND (rule.contype <> 'f' OR above.oid IS NULL OR above.confrelid = rule.confrelid)",
        enforced = snapshot.version.since(18, "rule.conenforced", "true"),
        delete_columns = snapshot.version.since(15, "rule.confdelsetcols", "NULL"),
        comment = join_comment("pg_constraint", "rule.oid", "0"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("constraint", row);
        let (relation, domain): (Oid, Oid) = (fields.number()?, fields.number()?);
        if let Some(relation) = relations.get_mut(&relation) {
            on_table(relation, indexes, fields)?;
        } else if let Some((_, domain)) = domains.get_mut(&domain) {
            on_domain(domain, fields)?;
        }
    }
    for (_, domain) in domains.values_mut() {
        sort(&mut domain.checks);
    }
    Ok(())
}

fn on_domain(domain: &mut Domain, mut fields: Fields) -> Result<(), CatalogError> {
    // `NOT NULL` is among a domain's constraints from PostgreSQL 17 on; it has been read with the domain.
    if fields.text()? == "c" {
        let (bare, parts) = bare(fields, None)?;
        domain.checks.push(with_rule(bare, check(parts)));
    }
    Ok(())
}

fn on_table(relation: &mut Relation, indexes: &Indexes, mut fields: Fields) -> Result<(), CatalogError> {
    let kind = fields.text()?;
    let (bare, parts) = bare(fields, Some(relation))?;
    let columns = relation.columns(&parts.columns);
    let index = indexes.get(&parts.index).and_then(|(_, name)| relation.table.indexes.get(name));
    let include = index.map(|index| index.include.clone()).unwrap_or_default();
    match &*kind {
        "p" => {
            relation.table.primary_key = Some(with_rule(bare, PrimaryKey { columns, include }));
        }
        "u" => {
            let nulls_not_distinct = index.is_some_and(|index| index.nulls_not_distinct);
            relation.table.uniques.push(with_rule(bare, Unique { columns, include, nulls_not_distinct }));
        }
        "c" => relation.table.checks.push(with_rule(bare, check(parts))),
        "f" => {
            if let Some(reference) = parts.reference {
                relation.table.foreign_keys.push(with_rule(bare, ForeignKey { columns, ..reference }));
            }
        }
        "x" => {
            let rule = Exclusion {
                keys: index.map(|index| index.keys.clone()).unwrap_or_default(),
                operators: parts.operators,
                method: index.map(|index| index.method.clone()).unwrap_or_default(),
                predicate: index.and_then(|index| index.predicate.clone()),
            };
            relation.table.exclusions.push(with_rule(bare, rule));
        }
        _ => {
            let column = relation.table.columns.iter_mut().find(|column| columns.contains(&column.name));
            if let (Some(column), Some(name)) = (column, bare.name) {
                let (validated, comment) = (bare.validated, bare.comment);
                column.not_null = Some(NotNull { name, validated, no_inherit: parts.no_inherit, comment });
            }
        }
    }
    Ok(())
}

fn check(parts: Parts) -> Check {
    Check { expression: parts.expression.unwrap_or_default(), no_inherit: parts.no_inherit }
}

fn with_rule<R>(bare: Constraint<()>, rule: R) -> Constraint<R> {
    let Constraint { name, rule: (), definition, validated, enforced, deferrable, inherited, comment } = bare;
    Constraint { name, rule, definition, validated, enforced, deferrable, inherited, comment }
}

/// A constraint without its rule, and what the rule is made of.
fn bare(mut fields: Fields, relation: Option<&Relation>) -> Result<(Constraint<()>, Parts), CatalogError> {
    let bare = Constraint {
        name: Some(fields.text()?),
        rule: (),
        definition: fields.text()?,
        validated: fields.flag()?,
        enforced: fields.flag()?,
        deferrable: fields.code(&[
            ("n", Deferrable::No),
            ("i", Deferrable::InitiallyImmediate),
            ("d", Deferrable::InitiallyDeferred),
        ])?,
        inherited: fields.flag()?,
        comment: fields.optional(),
    };
    let mut parts = Parts {
        columns: fields.numbers()?,
        index: fields.number()?,
        expression: fields.optional(),
        no_inherit: fields.flag()?,
        operators: fields.list()?,
        reference: None,
    };
    if let (Some(schema), Some(name), Some(relation)) = (fields.optional(), fields.optional(), relation) {
        parts.reference = Some(reference(ObjectName::new(schema, name), relation, fields)?);
    }
    Ok((bare, parts))
}

/// The end of a row of a foreign key.
fn reference(table: ObjectName, relation: &Relation, mut fields: Fields) -> Result<ForeignKey, CatalogError> {
    const ACTIONS: [(&str, Action); 5] = [
        ("a", Action::NoAction),
        ("r", Action::Restrict),
        ("c", Action::Cascade),
        ("n", Action::SetNull),
        ("d", Action::SetDefault),
    ];
    Ok(ForeignKey {
        columns: Vec::new(),
        table,
        referenced: fields.list()?,
        on_delete: fields.code(&ACTIONS)?,
        on_delete_columns: relation.columns(&fields.numbers()?),
        on_update: fields.code(&ACTIONS)?,
        match_: fields.code(&[("s", Match::Simple), ("f", Match::Full), ("p", Match::Partial)])?,
    })
}
