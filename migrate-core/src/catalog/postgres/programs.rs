use super::fields::Fields;
use super::relations::{self, Relations};
use super::selection::{Selection, is_no_extensions, join_comment};
use super::snapshot::Snapshot;
use crate::catalog::{
    Catalog, CatalogError, Function, FunctionKind, FunctionName, Policy, PolicyCommand, Rule, Trigger,
    TriggerState,
};

const STATES: [(&str, TriggerState); 4] = [
    ("O", TriggerState::Enabled),
    ("D", TriggerState::Disabled),
    ("R", TriggerState::Replica),
    ("A", TriggerState::Always),
];

/// The text of an aggregate, for which the server has no function. What stands at its default is left out.
const AGGREGATE: &str = "(SELECT format('CREATE OR REPLACE AGGREGATE %I.%I(%s) (', space.nspname, proc.proname, \
     pg_get_function_arguments(proc.oid)) || concat_ws(', ', 'SFUNC = ' || agg.aggtransfn::text, \
     'STYPE = ' || format_type(agg.aggtranstype, NULL), 'SSPACE = ' || NULLIF(agg.aggtransspace, 0), \
     'FINALFUNC = ' || NULLIF(agg.aggfinalfn::oid, 0)::regproc::text, \
     CASE WHEN agg.aggfinalextra THEN 'FINALFUNC_EXTRA' END, \
     CASE agg.aggfinalmodify WHEN 's' THEN 'FINALFUNC_MODIFY = SHAREABLE' \
     WHEN 'w' THEN 'FINALFUNC_MODIFY = READ_WRITE' END, \
     'COMBINEFUNC = ' || NULLIF(agg.aggcombinefn::oid, 0)::regproc::text, \
     'SERIALFUNC = ' || NULLIF(agg.aggserialfn::oid, 0)::regproc::text, \
     'DESERIALFUNC = ' || NULLIF(agg.aggdeserialfn::oid, 0)::regproc::text, \
     'INITCOND = ' || quote_literal(agg.agginitval), \
     'MSFUNC = ' || NULLIF(agg.aggmtransfn::oid, 0)::regproc::text, \
     'MINVFUNC = ' || NULLIF(agg.aggminvtransfn::oid, 0)::regproc::text, \
     'MSTYPE = ' || CASE WHEN agg.aggmtranstype <> 0 THEN format_type(agg.aggmtranstype, NULL) END, \
     'MSSPACE = ' || NULLIF(agg.aggmtransspace, 0), \
     'MFINALFUNC = ' || NULLIF(agg.aggmfinalfn::oid, 0)::regproc::text, \
     CASE WHEN agg.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END, \
     CASE WHEN agg.aggmtransfn <> 0 THEN CASE agg.aggmfinalmodify WHEN 's' THEN 'MFINALFUNC_MODIFY = SHAREABLE' \
     WHEN 'w' THEN 'MFINALFUNC_MODIFY = READ_WRITE' END END, \
     'MINITCOND = ' || quote_literal(agg.aggminitval), \
     'SORTOP = ' || NULLIF(agg.aggsortop, 0)::regoperator::text, \
     CASE proc.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END, \
     CASE agg.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END) || ')' \
     FROM pg_aggregate AS agg WHERE agg.aggfnoid = proc.oid)";

/// Reads functions, procedures and aggregates.
pub(super) fn read_functions(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    catalog: &mut Catalog,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT proc.pronamespace::text, proc.proname::text, oidvectortypes(proc.proargtypes), \
         proc.prokind::text, pg_get_function_result(proc.oid), language.lanname::text, \
         CASE proc.prokind WHEN 'a' THEN {AGGREGATE} ELSE pg_get_functiondef(proc.oid) END, comment.description \
         FROM pg_proc AS proc JOIN pg_namespace AS space ON space.oid = proc.pronamespace \
         JOIN pg_language AS language ON language.oid = proc.prolang {} \
         WHERE proc.pronamespace = ANY ({}) AND {}",
        join_comment("pg_proc", "proc.oid", "0"),
        selection.namespaces(),
        is_no_extensions("pg_proc", "proc.oid"),
    );
    for row in snapshot.driver.query(&sql, &[])? {
        let mut fields = Fields::of("function", row);
        let Some(name) = selection.name(fields.number()?, fields.text()?) else { continue };
        let name = FunctionName { name, arguments: fields.text()? };
        let function = Function {
            kind: fields.code(&[
                ("f", FunctionKind::Function),
                ("p", FunctionKind::Procedure),
                ("a", FunctionKind::Aggregate),
                ("w", FunctionKind::Window),
            ])?,
            returns: fields.optional(),
            language: fields.text()?,
            definition: fields.text()?,
            comment: fields.optional(),
        };
        catalog.functions.insert(name, function);
    }
    Ok(())
}

/// Reads the triggers, but for those by which the server keeps its constraints.
pub(super) fn read_triggers(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT part.tgrelid::text, part.tgname::text, pg_get_triggerdef(part.oid), part.tgenabled::text, \
         ({})::text, comment.description FROM pg_trigger AS part \
         JOIN pg_class AS class ON class.oid = part.tgrelid {} WHERE NOT part.tgisinternal AND {}",
        snapshot.version.since(13, "part.tgparentid <> 0", "false"),
        join_comment("pg_trigger", "part.oid", "0"),
        selection.relations("class"),
    );
    relations::read_parts(snapshot, relations, "trigger", &sql, |relation, name, mut fields| {
        let trigger = Trigger {
            definition: fields.text()?,
            state: fields.code(&STATES)?,
            inherited: fields.flag()?,
            comment: fields.optional(),
        };
        relation.table.triggers.insert(name, trigger);
        Ok(())
    })
}

/// Reads the rewrite rules, but for the one that makes a view a view.
pub(super) fn read_rules(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT part.ev_class::text, part.rulename::text, pg_get_ruledef(part.oid), part.ev_enabled::text, \
         comment.description FROM pg_rewrite AS part JOIN pg_class AS class ON class.oid = part.ev_class {} \
         WHERE part.ev_type <> '1' AND {}",
        join_comment("pg_rewrite", "part.oid", "0"),
        selection.relations("class"),
    );
    relations::read_parts(snapshot, relations, "rule", &sql, |relation, name, mut fields| {
        let rule =
            Rule { definition: fields.text()?, state: fields.code(&STATES)?, comment: fields.optional() };
        relation.table.rules.insert(name, rule);
        Ok(())
    })
}

/// Reads the policies of row-level security.
pub(super) fn read_policies(
    snapshot: &mut Snapshot<'_>,
    selection: &Selection<'_>,
    relations: &mut Relations,
) -> Result<(), CatalogError> {
    let sql = format!(
        "SELECT part.polrelid::text, part.polname::text, part.polcmd::text, part.polpermissive::text, \
         (SELECT json_agg(coalesce(role.rolname, 'public') ORDER BY coalesce(role.rolname, 'public'))::text \
         FROM unnest(part.polroles) AS each (oid) LEFT JOIN pg_roles AS role ON role.oid = each.oid), \
         pg_get_expr(part.polqual, part.polrelid), pg_get_expr(part.polwithcheck, part.polrelid), \
         comment.description FROM pg_policy AS part JOIN pg_class AS class ON class.oid = part.polrelid {} \
         WHERE {}",
        join_comment("pg_policy", "part.oid", "0"),
        selection.relations("class"),
    );
    relations::read_parts(snapshot, relations, "policy", &sql, |relation, name, mut fields| {
        let policy = Policy {
            command: fields.code(&[
                ("*", PolicyCommand::All),
                ("r", PolicyCommand::Select),
                ("a", PolicyCommand::Insert),
                ("w", PolicyCommand::Update),
                ("d", PolicyCommand::Delete),
            ])?,
            permissive: fields.flag()?,
            roles: fields.list()?,
            using: fields.optional(),
            check: fields.optional(),
            comment: fields.optional(),
        };
        relation.table.policies.insert(name, policy);
        Ok(())
    })
}
