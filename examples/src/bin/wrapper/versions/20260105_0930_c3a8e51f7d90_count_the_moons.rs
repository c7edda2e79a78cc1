use migrate_core::prelude::*;

diesel::table! {
    planets (id) {
        id -> BigInt,
        name -> Text,
        moons -> Integer,
    }
}

/// Count the moons
#[migration(revision = "c3a8e51f7d90", down_revision = "b94f63a1d05e")]
pub struct CountTheMoons;

impl Backfill for CountTheMoons {
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Self::Row>> {
        let rows = planets::table.select((planets::id, planets::name)).filter(span.contains(planets::id));
        span.for_update(rows.order(planets::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Self::Row) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {
        let moons = |name: &str| match name {
            "Earth" => 1,
            "Mars" => 2,
            _ => 0,
        };
        bulk_update(planets::table, planets::id, planets::moons)
            .rows(rows.into_iter().map(|(id, name)| (id, moons(&name))))
            .execute(conn)
    }

    fn remaining(&self, _conn: &mut Self::Connection) -> QueryResult<i64> {
        Ok(0)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.data("forget the moons", |connection| {
            diesel::update(planets::table).set(planets::moons.eq(0)).execute(connection)?;
            Ok(())
        })
    }
}
