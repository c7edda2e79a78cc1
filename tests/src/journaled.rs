//! A step outside a transaction that can be killed anywhere, for the program `migrate-worker`.

use std::process::Command;

use diesel::connection::SimpleConnection as _;
use migrate_core::connection::Dialect;
use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Migrator};

use crate::testkit::{History, Step};

/// How many places there are where `DIE_AT` kills the process, on the way up and on the way down.
pub const PLACES: u32 = 8;

/// Two revisions: `a1` creates tables, `b1` changes them outside a transaction.
///
/// The process kills itself with `SIGKILL` at the place that the environment variable `DIE_AT` names.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    let a1 = Step::new("a1").up(create).down(|cx| {
        cx.drop_table("accounts")?;
        cx.drop_table("teams")?;
        cx.drop_table("counter")
    });
    let b1 = Step::new("b1").on(&["a1"]).outside_transaction().up(up).down(down);
    History::new().with(a1).with(b1).migrator()
}

type Cx<'a> = Context<'a, AnyConnection>;

fn create(cx: &mut Cx<'_>) -> Result<()> {
    cx.create_table(table("counter").column(column("n", Integer).not_null()))?;
    cx.create_table(table("teams").column(column("id", Integer).primary_key()))?;
    cx.create_table(
        table("accounts")
            .column(column("id", Integer).primary_key())
            .column(column("email", Text))
            .column(column("team_id", Integer)),
    )?;
    cx.bulk_insert(rows("counter", ["n"]).row([0]))?;
    cx.bulk_insert(rows("teams", ["id"]).row([1]).row([2]))?;
    let accounts = (1..=50).map(|id| (id, format!("user{id}@example.org"), 1 + id % 2));
    cx.bulk_insert(rows("accounts", ["id", "email", "team_id"]).rows(accounts))
}

fn up(cx: &mut Cx<'_>) -> Result<()> {
    place(1);
    cx.add_column("accounts", column("note", Text))?;
    place(2);
    count(cx, 3)?;
    place(4);
    cx.safely().create_index(index("idx_accounts_email").on("accounts", ["email"]))?;
    place(5);
    cx.execute("VACUUM")?;
    place(6);
    cx.safely().set_not_null("accounts", "email")?;
    place(7);
    cx.safely().add_constraint("accounts", foreign_key(["team_id"], "teams", ["id"]))?;
    cx.safely().add_constraint("accounts", unique(["id", "email"]))?;
    place(8);
    Ok(())
}

fn down(cx: &mut Cx<'_>) -> Result<()> {
    place(1);
    cx.drop_constraint("accounts_id_email_key", "accounts")?;
    place(2);
    count(cx, 3)?;
    place(4);
    cx.drop_constraint("accounts_team_id_fkey", "accounts")?;
    place(5);
    cx.drop_not_null("accounts", "email")?;
    place(6);
    cx.safely().drop_index("idx_accounts_email", "accounts")?;
    place(7);
    cx.drop_column("accounts", "note")?;
    place(8);
    Ok(())
}

/// Counts once, and may be killed between its work and its end.
fn count(cx: &mut Cx<'_>, number: u32) -> Result<()> {
    cx.data("count", |connection| {
        connection.batch_execute("UPDATE counter SET n = n + 1")?;
        place(number);
        Ok(())
    })
}

fn place(number: u32) {
    if std::env::var("DIE_AT").is_ok_and(|at| at == number.to_string()) {
        let _ = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

/// What a server knows of the tables, as comparable text.
#[must_use]
pub fn schema_query(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "SELECT coalesce(sql, name) FROM sqlite_master WHERE name NOT LIKE 'migrate%' ORDER BY name"
        }
        _ => {
            "SELECT line FROM (\
             SELECT 'column ' || attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) \
                 || ' ' || attnotnull || ' ' || coalesce(pg_get_expr(adbin, adrelid), '') AS line \
                 FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
                 WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class \
                     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE 'migrate%') \
             UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' \
                 || pg_get_constraintdef(oid) || ' ' || convalidated FROM pg_constraint \
                 WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE 'migrate%' \
             UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) || ' ' || indisvalid FROM pg_index \
                 WHERE indrelid::regclass::text NOT LIKE 'migrate%' AND indexrelid IN (SELECT oid FROM pg_class \
                     WHERE relnamespace = 'public'::regnamespace)) AS lines ORDER BY line"
        }
    }
}
