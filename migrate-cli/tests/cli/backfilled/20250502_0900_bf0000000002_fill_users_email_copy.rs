use migrate_core::prelude::*;

// The table as this revision finds it, with the columns it needs: fill in their names, here and below. Never the
// application's own `schema.rs`: that one moves on, and this file has to compile and to mean the same for ever.
diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_copy -> Nullable<Text>,
    }
}

/// Fill users.email_copy
#[migration(revision = "bf0000000002", down_revision = "bf0000000001")]
pub struct FillUsersEmailCopy;

impl Backfill for FillUsersEmailCopy {
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Self::Row>> {
        let rows = users::table
            .select((users::id, users::email))
            .filter(span.contains(users::id))
            .filter(users::email_copy.is_null());
        span.for_update(rows.order(users::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Self::Row) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {
        bulk_update(users::table, users::id, users::email_copy)
            .rows(rows.into_iter().map(|(id, old)| (id, Some(old))))
            .execute(conn)
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        users::table.filter(users::email_copy.is_null()).count().get_result(conn)
    }

    // `rows` passes over what is filled, so it bears to visit all rows again.
    fn rescans(&self) -> bool {
        true
    }

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }
}
