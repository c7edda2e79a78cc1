use migrate_core::prelude::*;

diesel::table! { people (id) { id -> BigInt, name -> Text, length -> Nullable<Integer>, } }

/// Fill people.length
#[migration(revision = "f2aa00000003", down_revision = "f1aa00000002")]
pub struct FillLengths;

impl Backfill for FillLengths {
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<(i64, String)>> {
        let rows = people::table.select((people::id, people::name)).filter(span.contains(people::id));
        span.for_update(rows.order(people::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &(i64, String)) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<(i64, String)>) -> Result<()> {
        for (id, name) in rows {
            if name == "unmeasured" {
                return Err(BodyError::new(format_args!("person {id} cannot be measured")));
            }
            let length = i32::try_from(name.len()).unwrap_or(i32::MAX);
            diesel::update(people::table.find(id)).set(people::length.eq(length)).execute(conn)?;
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        people::table.filter(people::length.is_null()).count().get_result(conn)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("UPDATE people SET length = NULL")
    }

    fn pace(&self) -> Pace {
        Pace { start: 10, max: 10, ..Pace::default() }
    }
}
