//! What a backfill is measured against.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use migrate_core::AnyConnection;
use migrate_core::connection::Driver as _;
use migrate_core::prelude::*;

use crate::table::schema::users;

type Row = (i64, String);

/// One statement, which neither reads nor sends anything.
pub(crate) fn one_update(conn: &mut AnyConnection) {
    conn.batch("UPDATE users SET email_normalized = lower(email)").expect("an UPDATE");
}

/// What one writes without a framework: Diesel's prepared UPDATE for each row, 1,000 rows a transaction.
pub(crate) fn row_by_row(conn: &mut AnyConnection) {
    by_hand(conn, |conn, id, email| {
        let update = diesel::update(users::table.find(id));
        update.set(users::email_normalized.eq(email.to_lowercase())).execute(conn).map(drop)
    });
}

/// The tightest loop that Diesel allows on SQLite: a prepared statement known by its type, so that its text is made
/// once; 1,000 rows a transaction.
pub(crate) fn prepared_loop(conn: &mut AnyConnection) {
    by_hand(conn, |conn, id, email| {
        let AnyConnection::Sqlite(conn) = conn else { panic!("a connection to SQLite") };
        conn.execute_returning_count(&Prepared(id, email.to_lowercase())).map(drop)
    });
}

fn by_hand(conn: &mut AnyConnection, write: fn(&mut AnyConnection, i64, String) -> QueryResult<()>) {
    let mut after = i64::MIN;
    loop {
        let last = conn.transaction(|conn| {
            let rows = users::table.select((users::id, users::email)).filter(users::id.gt(after));
            let rows: Vec<Row> = rows.order(users::id).limit(1_000).load(conn)?;
            let last = rows.last().map(|(id, _)| *id);
            rows.into_iter().try_for_each(|(id, email)| write(conn, id, email))?;
            Ok::<_, diesel::result::Error>(last)
        });
        let Some(last) = last.expect("a batch") else { return };
        after = last;
    }
}

struct Prepared(i64, String);

impl QueryFragment<Sqlite> for Prepared {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("UPDATE users SET email_normalized = ");
        out.push_bind_param::<Text, _>(&self.1)?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<BigInt, _>(&self.0)
    }
}

impl QueryId for Prepared {
    type QueryId = Self;

    const HAS_STATIC_QUERY_ID: bool = true;
}
