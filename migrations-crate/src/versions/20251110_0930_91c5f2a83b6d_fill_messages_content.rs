use migrate_core::prelude::*;

// The table as this revision finds it, with the columns it needs. Never the application's own `schema.rs`:
// that one moves on, and this file has to compile and to mean the same for ever.
diesel::table! {
    messages (id) {
        id -> BigInt,
        body -> Text,
        content -> Nullable<Text>,
    }
}

/// Fill messages.content
///
/// The second of four: what old clients sent is tidied on the way. By now a release runs that writes both columns.
#[migration(revision = "91c5f2a83b6d", down_revision = "6e1b94d07c3a")]
pub struct FillMessagesContent;

impl Backfill for FillMessagesContent {
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Self::Row>> {
        let rows = messages::table
            .select((messages::id, messages::body))
            .filter(span.contains(messages::id))
            .filter(messages::content.is_null());
        span.for_update(rows.order(messages::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Self::Row) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {
        bulk_update(messages::table, messages::id, messages::content)
            .rows(rows.into_iter().map(|(id, body)| (id, Some(tidied(&body)))))
            .execute(conn)
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        messages::table.filter(messages::content.is_null()).count().get_result(conn)
    }

    // `rows` passes over what is filled, so whatever the last instances of the old release still insert is found.
    fn rescans(&self) -> bool {
        true
    }

    // The column goes with the revision below.
    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }
}

/// Lines end in `\n` and not in blanks, and hold no control characters but tabs.
fn tidied(body: &str) -> String {
    let is_plain = |character: &char| *character == '\t' || !character.is_control();
    let line = |line: &str| line.trim_end().chars().filter(is_plain).collect::<String>();
    body.replace("\r\n", "\n").split(['\n', '\r']).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::tidied;

    #[test]
    fn lines_stay_and_what_nobody_sees_goes() {
        assert_eq!(tidied("Hello  \r\n\tthere\u{7}\r\n\nyou\r"), "Hello\n\tthere\n\nyou\n");
        assert_eq!(tidied(""), "");
    }
}
