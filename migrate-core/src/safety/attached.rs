//! What is attached to tables, views and functions, from a database.

use std::collections::{BTreeMap, BTreeSet};

use diesel::result::QueryResult;

use super::facts::{Attached, AttachedKind};
use super::read::OWN;
use crate::connection::Driver;
use crate::operation::Name;

/// By table or view.
type All = BTreeMap<Name, BTreeSet<Attached>>;

/// Each part gives the relation, a kind, a name, and one of the columns.
///
/// An index depends on each column that its keys, its expressions or its condition mention. What a column's own
/// numbering is goes with the column's definition. Privileges that every new table gets are nothing of this one's.
const PARTS: &str = "
    SELECT x.indrelid, 'index', i.relname::text, d.refobjsubid
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = x.indrelid AND d.refobjsubid > 0
    WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = x.indexrelid AND contype IN ('p', 'u', 'x'))
        AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = x.indexrelid)
    UNION ALL
    SELECT c.conrelid, 'constraint', c.conname::text, k.attnum
    FROM pg_constraint c LEFT JOIN LATERAL unnest(c.conkey) AS k (attnum) ON true
    WHERE c.contype IN ('c', 'f', 'p', 'u', 'x') AND c.coninhcount = 0
    UNION ALL
    SELECT tgrelid, 'trigger', tgname::text, NULL FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT polrelid, 'policy', polname::text, NULL FROM pg_policy
    UNION ALL
    SELECT ev_class, 'rule', rulename::text, NULL FROM pg_rewrite WHERE rulename <> '_RETURN'
    UNION ALL
    SELECT s.stxrelid, 'statistics', s.stxname::text, k.attnum
    FROM pg_statistic_ext s LEFT JOIN LATERAL unnest(s.stxkeys::smallint[]) AS k (attnum) ON true
    UNION ALL
    SELECT d.refobjid, 'sequence', s.relname::text, d.refobjsubid
    FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a'
        AND NOT EXISTS (SELECT FROM pg_attrdef f JOIN pg_depend u ON u.classid = 'pg_attrdef'::regclass
            AND u.objid = f.oid WHERE f.adrelid = d.refobjid AND f.adnum = d.refobjsubid AND u.refobjid = s.oid)
    UNION ALL
    SELECT c.oid, 'privileges', string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC'
        ELSE pg_get_userbyid(a.grantee)::text END, ', '), NULL
    FROM pg_class c, aclexplode(c.relacl) a
    WHERE a.grantee <> c.relowner AND NOT EXISTS (SELECT FROM pg_default_acl WHERE defaclobjtype = 'r')
    GROUP BY c.oid
    UNION ALL
    SELECT t.attrelid, 'privileges', string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC'
        ELSE pg_get_userbyid(a.grantee)::text END, ', '), t.attnum
    FROM pg_attribute t, aclexplode(t.attacl) a WHERE NOT t.attisdropped GROUP BY t.attrelid, t.attnum
    UNION ALL
    SELECT objoid, 'comment', '', nullif(objsubid, 0) FROM pg_description WHERE classoid = 'pg_class'::regclass
    UNION ALL
    SELECT oid, 'setting', 'row level security', NULL FROM pg_class WHERE relrowsecurity
    UNION ALL
    SELECT oid, 'setting', 'its replica identity', NULL FROM pg_class
    WHERE relkind IN ('r', 'p') AND relreplident <> 'd'
    UNION ALL
    SELECT c.oid, 'option', o, NULL FROM pg_class c, unnest(c.reloptions) AS o
    UNION ALL
    SELECT prrelid, 'publication', p.pubname::text, NULL
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
";

/// What is attached to the tables and views of a PostgreSQL database.
pub(super) fn on_postgres(driver: &mut dyn Driver) -> QueryResult<All> {
    let sql = format!(
        "SELECT n.nspname::text, c.relname::text, part.kind, part.name, a.attname::text
         FROM ({PARTS}) AS part (relation, kind, name, attnum)
         JOIN pg_class c ON c.oid = part.relation AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
         JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.attnum
         WHERE {OWN}"
    );
    let mut all: BTreeMap<(Name, AttachedKind, String), BTreeSet<String>> = BTreeMap::new();
    for row in driver.query(&sql, &[])? {
        if let [Some(schema), Some(relation), Some(kind), Some(name), column] = row.as_slice()
            && let Some(kind) = kind_of(kind)
        {
            // Comments and privileges of several columns are several things.
            let own = matches!(kind, AttachedKind::Comment | AttachedKind::Privileges);
            let name = match column {
                Some(column) if own => format!("{column}\u{0}{name}"),
                _ => name.clone(),
            };
            all.entry(((schema, relation).into(), kind, name)).or_default().extend(column.clone());
        }
    }
    let mut attached = All::new();
    for ((relation, kind, name), columns) in all {
        let name = name.rsplit('\u{0}').next().unwrap_or_default().to_owned();
        attached.entry(relation).or_default().insert(Attached { kind, name, columns });
    }
    Ok(attached)
}

fn kind_of(word: &str) -> Option<AttachedKind> {
    Some(match word {
        "index" => AttachedKind::Index,
        "constraint" => AttachedKind::Constraint,
        "trigger" => AttachedKind::Trigger,
        "policy" => AttachedKind::Policy,
        "rule" => AttachedKind::Rule,
        "statistics" => AttachedKind::Statistics,
        "sequence" => AttachedKind::Sequence,
        "privileges" => AttachedKind::Privileges,
        "comment" => AttachedKind::Comment,
        "setting" => AttachedKind::Setting,
        "option" => AttachedKind::Option,
        "publication" => AttachedKind::Publication,
        _ => return None,
    })
}

/// What functions of a PostgreSQL database say besides their bodies; of several of one name all of it.
pub(super) fn attributes(driver: &mut dyn Driver) -> QueryResult<BTreeMap<Name, BTreeSet<String>>> {
    let sql = format!(
        "SELECT n.nspname::text, p.proname::text, said
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         CROSS JOIN LATERAL unnest(ARRAY[
             CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' END, CASE WHEN p.proisstrict THEN 'STRICT' END,
             CASE WHEN p.proleakproof THEN 'LEAKPROOF' END,
             CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' END,
             CASE p.proparallel WHEN 's' THEN 'PARALLEL SAFE' WHEN 'r' THEN 'PARALLEL RESTRICTED' END
         ] || ARRAY(SELECT 'SET ' || split_part(setting, '=', 1) FROM unnest(p.proconfig) AS setting)) AS said
         WHERE said IS NOT NULL AND {OWN}
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')"
    );
    let mut all = BTreeMap::<Name, BTreeSet<String>>::new();
    for row in driver.query(&sql, &[])? {
        if let [Some(schema), Some(function), Some(said)] = row.as_slice() {
            all.entry((schema, function).into()).or_default().insert(said.clone());
        }
    }
    Ok(all)
}

/// The indexes and triggers of an SQLite database. The table copy shows what becomes of constraints.
pub(super) fn on_sqlite(driver: &mut dyn Driver) -> QueryResult<All> {
    let sql = "SELECT part.tbl_name, part.type, part.name, key.name FROM main.sqlite_schema AS part
               LEFT JOIN pragma_index_xinfo(part.name, 'main') AS key ON part.type = 'index' AND key.key
               WHERE part.type IN ('index', 'trigger') AND part.sql IS NOT NULL";
    let mut all: BTreeMap<(Name, AttachedKind, String), BTreeSet<String>> = BTreeMap::new();
    for row in driver.query(sql, &[])? {
        if let [Some(table), Some(kind), Some(name), column] = row.as_slice()
            && let Some(kind) = kind_of(kind)
        {
            all.entry((table.into(), kind, name.clone())).or_default().extend(column.clone());
        }
    }
    let mut attached = All::new();
    for ((table, kind, name), columns) in all {
        attached.entry(table).or_default().insert(Attached { kind, name, columns });
    }
    Ok(attached)
}
