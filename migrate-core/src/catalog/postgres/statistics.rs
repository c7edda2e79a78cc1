use std::collections::BTreeMap;

use super::fields::Fields;
use super::selection::Selection;
use super::snapshot;
use crate::catalog::{CatalogError, ObjectName, Scope, Statistics};
use crate::connection::Driver;

/// Reads the sizes of tables and materialized views, see [`statistics`](crate::catalog::statistics).
pub(in crate::catalog) fn statistics(
    driver: &mut dyn Driver,
    scope: &Scope,
) -> Result<BTreeMap<ObjectName, Statistics>, CatalogError> {
    snapshot::within(driver, |snapshot| {
        let selection = Selection::resolve(snapshot, scope)?;
        // Before PostgreSQL 14 a table that was never looked at said 0 rows on 0 pages, as an empty one does.
        let unknown =
            snapshot.version.since(14, "leaf.reltuples < 0", "leaf.reltuples = 0 AND leaf.relpages = 0");
        let sql = format!(
            "SELECT class.relnamespace::text, class.relname::text, \
             CASE WHEN coalesce(bool_or({unknown}), false) THEN NULL ELSE coalesce(round(sum(leaf.reltuples::numeric)), 0)::text END, \
             coalesce(sum(leaf.relpages), 0)::text, coalesce(sum(pg_total_relation_size(leaf.oid)), 0)::text FROM pg_class AS class \
             LEFT JOIN LATERAL (SELECT class.oid AS relid WHERE class.relkind <> 'p' UNION ALL \
             SELECT tree.relid FROM pg_partition_tree(CASE class.relkind WHEN 'p' THEN class.oid END) AS tree \
             WHERE tree.isleaf) AS part ON true \
             LEFT JOIN pg_class AS leaf ON leaf.oid = part.relid AND leaf.relkind IN ('r', 'm') \
             WHERE class.relkind IN ('r', 'p', 'm') AND {} GROUP BY class.oid, class.relnamespace, class.relname",
            selection.relations("class"),
        );
        let mut statistics = BTreeMap::new();
        for row in snapshot.driver.query(&sql, &[])? {
            let mut fields = Fields::of("statistics", row);
            if let Some(name) = selection.name(fields.number()?, fields.text()?) {
                let (rows, pages, bytes) = (fields.optional_number()?, fields.number()?, fields.number()?);
                statistics.insert(name, Statistics { rows, pages, bytes });
            }
        }
        Ok(statistics)
    })
}
