use crate::operation::{Column, ColumnDefault, Name, Operation, TableLock};
use crate::safety::case::{Case, NewColumn};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "volatile-default",
    summary: "a new column whose default differs from row to row, so that every row is written anew",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
A default that is the same for every row (a literal, `now()`) is only noted in the catalog, from PostgreSQL 11 on. \
One that differs from row to row (`gen_random_uuid()`, `random()`, `clock_timestamp()`, `nextval(…)`) is computed \
and written for each, under an `ACCESS EXCLUSIVE` lock, and all indexes are built again. Before 11 that holds for \
every default. Add the column without one, set the default for rows to come, and fill the others in batches.",
    example: Example::new(
        r#"cx.add_column("users", column("token", Uuid).default(expression("gen_random_uuid()")))?;"#,
    ),
    find,
};

/// Functions of PostgreSQL that give another value with each call.
const VOLATILE: [&str; 15] = [
    "CLOCK_TIMESTAMP",
    "TIMEOFDAY",
    "RANDOM",
    "RANDOM_NORMAL",
    "SETSEED",
    "NEXTVAL",
    "GEN_RANDOM_UUID",
    "GEN_RANDOM_BYTES",
    "UUIDV4",
    "UUIDV7",
    "UUID_GENERATE_V1",
    "UUID_GENERATE_V1MC",
    "UUID_GENERATE_V4",
    "TXID_CURRENT",
    "PG_CURRENT_XACT_ID",
];

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.added_columns()
        .filter_map(|NewColumn { at, table, column }| {
            let default = column.default.as_ref()?;
            let is_plain = *default == ColumnDefault::Literal(crate::operation::Value::Null);
            if !is_volatile(case, default)
                && !is_written(case, at, table, column, default)
                && (is_plain || !case.facts.is_before(11))
            {
                return None;
            }
            let danger = format!(
                "nobody can read or write {} while every row is written anew with its own {}",
                case.sized(table),
                column.name
            );
            let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
            Some(hit.instead(instead(case, table, column, default)))
        })
        .collect()
}

fn instead(case: &Case<'_>, table: &Name, column: &Column, default: &ColumnDefault) -> Alternative {
    let code = case.code();
    let bare = Column { default: None, nullable: true, ..column.clone() };
    let add = format!(
        "cx.add_column({table}, {})?;\ncx.set_default({table}, {:?}, {})?;",
        code.column(&bare),
        column.name,
        code.default(default),
        table = code.name(table),
    );
    let other = Alternative::first("first", add)
        .and_note(format!("then a backfill of {} in the old rows", column.name));
    if column.nullable { other } else { super::then_set_not_null(case, other, table, &column.name) }
}

/// Whether the rows are written anew for the sake of the default: of its functions the statement knows more.
fn is_written(case: &Case<'_>, at: usize, table: &Name, column: &Column, default: &ColumnDefault) -> bool {
    let alone =
        matches!(&case.step.operations[at].operation, Operation::AlterTable(it) if it.changes.len() == 1);
    let other_reason = column.identity.is_some() || column.generated.is_some();
    let is_expression = matches!(default, ColumnDefault::Expression(_));
    alone && is_expression && !other_reason && case.rewrites(at, table)
}

/// Whether an expression is known to differ from row to row.
fn is_volatile(case: &Case<'_>, default: &ColumnDefault) -> bool {
    let ColumnDefault::Expression(sql) = default else { return false };
    let words = text::statements(sql.for_dialect(case.dialect).unwrap_or_default());
    words.iter().flatten().any(|word| VOLATILE.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{rewrites, step, step_on};

    #[test]
    fn it_is_added_bare_and_filled_in_batches() {
        let tested = step(|cx| {
            cx.add_column("users", column("token", Uuid).default(expression("pg_catalog.gen_random_uuid()")))
        });
        assert_eq!(
            tested.instead(&RULE),
            r#"// first
cx.add_column("users", column("token", Uuid))?;
cx.set_default("users", "token", expression("pg_catalog.gen_random_uuid()"))?;
// then a backfill of token in the old rows"#
        );
        let required = step(|cx| {
            cx.add_column("users", column("at", Time).not_null().default(expression("clock_timestamp()")))
        });
        assert!(required.instead(&RULE).ends_with("cx.safely().set_not_null(\"users\", \"at\")?;"));
    }

    #[test]
    fn before_11_every_default_is_written() {
        let literal = || step(|cx| cx.add_column("users", column("plan", Text).default("free")));
        literal().version(10).finds(&RULE);
        literal().version(11).passes(&RULE);
        literal().passes(&RULE);
    }

    #[test]
    fn of_a_function_that_nobody_knows_the_statement_tells() {
        let own =
            || step(|cx| cx.add_column("users", column("number", Text).default(expression("next_number()"))));
        own().passes(&RULE);
        own().effect(0, rewrites("users")).finds(&RULE);
    }

    #[test]
    fn stable_defaults_new_tables_and_other_servers_are_fine() {
        step(|cx| {
            cx.add_column("users", column("a", Timestamp).default(now()))?;
            cx.add_column("users", column("b", Text).default(expression("'random'::text || current_user")))?;
            cx.create_table(
                table("teams").column(column("id", Uuid).default(expression("gen_random_uuid()"))),
            )
        })
        .passes(&RULE);
        let uuid = || column("token", Text).default(expression("random()"));
        step_on(Dialect::Sqlite, |cx| cx.add_column("users", uuid())).passes(&RULE);
    }
}
