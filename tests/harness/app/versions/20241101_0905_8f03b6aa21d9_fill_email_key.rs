use migrate_core::prelude::*;

diesel::table! {
    readers (id) {
        id -> Integer,
        email -> Text,
        email_key -> Nullable<Text>,
    }
}

/// Fill readers.email_key
#[migration(revision = "8f03b6aa21d9", down_revision = "5d2c7e90a1b4")]
pub struct FillEmailKey;

impl Backfill for FillEmailKey {
    type Connection = super::Connection;
    type Key = i32;
    type Row = (i32, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i32>) -> QueryResult<Vec<Self::Row>> {
        let rows = readers::table
            .select((readers::id, readers::email))
            .filter(span.contains(readers::id))
            .filter(readers::email_key.is_null());
        span.for_update(rows.order(readers::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Self::Row) -> i32 {
        row.0
    }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {
        for (id, email) in rows {
            let Some((mailbox, host)) = email.trim().rsplit_once('@') else {
                return Err(BodyError::new(format_args!("reader {id} has no address: {email}")));
            };
            // What follows a `+` is for the reader's own sorting.
            let mailbox = mailbox.split('+').next().unwrap_or(mailbox).to_lowercase();
            let key = format!("{mailbox}@{}", host.to_lowercase());
            diesel::update(readers::table.find(id)).set(readers::email_key.eq(key)).execute(conn)?;
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        readers::table.filter(readers::email_key.is_null()).count().get_result(conn)
    }

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }
}
