use migrate_core::prelude::*;

diesel::table! { people (id) { id -> BigInt, name -> Text, initial -> Nullable<Text>, } }

/// Fill people.initial
#[migration(revision = "f1aa00000002", down_revision = "f0aa00000001", branch_labels = ["initials"])]
pub struct FillInitials;

impl Backfill for FillInitials {
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
            let Some(initial) = name.chars().next() else {
                return Err(BodyError::new(format_args!("person {id} has no name")));
            };
            diesel::update(people::table.find(id)).set(people::initial.eq(initial.to_string())).execute(conn)?;
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        people::table.filter(people::initial.is_null()).count().get_result(conn)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("UPDATE people SET initial = NULL")
    }

    fn pace(&self) -> Pace {
        Pace { start: 10, max: 10, ..Pace::default() }
    }

    fn max_rejected(&self) -> u64 {
        2
    }
}
