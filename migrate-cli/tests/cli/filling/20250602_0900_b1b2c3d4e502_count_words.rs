use migrate_core::prelude::*;

diesel::table! { messages (id) { id -> BigInt, body -> Text, meta -> Nullable<Text>, words -> Nullable<BigInt>, } }
diesel::table! { tags (message, tag) { message -> BigInt, tag -> Text, } }

/// Count the words of each message, and note its tags
#[migration(revision = "b1b2c3d4e502", down_revision = "b1b2c3d4e501")]
pub struct CountWords;

type Row = (i64, String, Option<String>);

impl Backfill for CountWords {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Row;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Row>> {
        let rows = messages::table.select((messages::id, messages::body, messages::meta));
        let rows = rows.filter(span.contains(messages::id)).order(messages::id);
        span.for_update(rows.limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Row) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Row>) -> Result<()> {
        for (id, body, meta) in rows {
            let words = i64::try_from(body.split_whitespace().count())?;
            let meta = meta.map(|meta| meta.replace("\"v\":1", "\"v\":2"));
            if body.contains("bad") {
                return Err(BodyError::new(format_args!("message {id} has a bad word")));
            }
            diesel::update(messages::table.find(id))
                .set((messages::words.eq(words), messages::meta.eq(meta)))
                .execute(conn)?;
            for tag in body.split_whitespace().filter(|word| word.starts_with('#')) {
                diesel::insert_into(tags::table)
                    .values((tags::message.eq(id), tags::tag.eq(tag)))
                    .execute(conn)?;
            }
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        messages::table.filter(messages::words.is_null()).count().get_result(conn)
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
