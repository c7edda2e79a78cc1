use std::time::{Duration, SystemTime, UNIX_EPOCH};

use migrate_core::backfill::End;
use migrate_core::prelude::*;
use serde_json::{Map, Value};

diesel::table! {
    chat (id) {
        id -> Text,
        user_id -> Text,
        // A column of the type `json`, whose text is all that is read.
        #[sql_name = "chat"]
        document -> Nullable<Text>,
        exploded -> Nullable<Bool>,
    }
}

diesel::table! {
    chat_message (id) {
        id -> Text,
        chat_id -> Text,
        user_id -> Text,
        role -> Text,
        parent_id -> Nullable<Text>,
        content -> Nullable<Json>,
        output -> Nullable<Json>,
        model_id -> Nullable<Text>,
        files -> Nullable<Json>,
        sources -> Nullable<Json>,
        embeds -> Nullable<Json>,
        done -> Bool,
        status_history -> Nullable<Json>,
        error -> Nullable<Json>,
        usage -> Nullable<Json>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

/// Write the messages in the documents of chats into their table
///
/// All messages of a chat are written in one transaction with its mark. A document that is none, or a message that the
/// table cannot hold, puts the whole chat aside; nothing is left out but what never was a message: an entry that is no
/// object, or has no role.
#[migration(revision = "8452d01d26d7", down_revision = "5b9d2c7e4a10")]
pub struct ExplodeChats;

/// What is read of a chat: id, user, document, mark.
type Chat = (String, String, Option<String>, Option<bool>);

/// The chats whose messages are not in the table. Copies that are shared by a link are not exploded.
macro_rules! to_do {
    () => {
        chat::table
            .filter(chat::exploded.is_null().or(chat::exploded.eq(false)))
            .filter(chat::user_id.not_like("shared-%"))
    };
}

impl Backfill for ExplodeChats {
    type Connection = super::Connection;
    type Key = String;
    type Row = Chat;

    fn rows(&self, conn: &mut Self::Connection, span: &Span<String>) -> QueryResult<Vec<Chat>> {
        let chats = to_do!()
            .select((chat::id, chat::user_id, chat::document, chat::exploded))
            .filter(span.contains(chat::id));
        span.for_update(chats.order(chat::id).limit(span.limit())).load(conn)
    }

    fn key(&self, chat: &Chat) -> String {
        chat.0.clone()
    }

    /// Asks for the ids alone: the documents are large.
    fn end(&self, conn: &mut Self::Connection, span: &Span<String>) -> QueryResult<Option<End<String>>> {
        let ids = to_do!().select(chat::id).filter(span.contains(chat::id));
        span.end_of(ids.order(chat::id).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut Self::Connection, chats: Vec<Chat>) -> Result<()> {
        let ids: Vec<&str> = chats.iter().map(|(id, ..)| id.as_str()).collect();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        let mut messages = Vec::new();
        for chat in &chats {
            explode(chat, now, &mut messages)?;
        }
        // Few, if any. For all chats of each batch, PostgreSQL would read the whole table: while it grows, there are
        // no statistics to tell that the chats have few of its rows.
        let again: Vec<&str> =
            chats.iter().filter(|chat| chat.3.is_some()).map(|chat| chat.0.as_str()).collect();
        if !again.is_empty() {
            diesel::delete(chat_message::table.filter(chat_message::chat_id.eq_any(again))).execute(conn)?;
        }
        bulk_insert(chat_message::table, chat_message::all_columns).rows(messages).execute(conn)?;
        diesel::update(chat::table.filter(chat::id.eq_any(&ids)))
            .set(chat::exploded.eq(Some(true)))
            .execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        to_do!().count().get_result(conn)
    }

    /// The documents are as they were.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DELETE FROM chat_message")?;
        cx.execute("UPDATE chat SET exploded = NULL")
    }

    /// A document has some KB, and sometimes some MB.
    fn pace(&self) -> Pace {
        Pace { start: 200, max: 2_000, ..Pace::default() }
    }

    /// The old code still writes documents.
    fn rescans(&self) -> bool {
        true
    }

    fn max_rejected(&self) -> u64 {
        1_000
    }
}

/// A row of `chat_message`, in the order of its columns.
type Message = (
    String,
    String,
    String,
    String,
    Option<String>,
    Option<Value>,
    Option<Value>,
    Option<String>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    bool,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    i64,
    i64,
);

/// Adds the messages of a chat.
fn explode((chat, user, document, _): &Chat, now: Duration, messages: &mut Vec<Message>) -> Result<()> {
    let mut document: Value = serde_json::from_str(document.as_deref().unwrap_or("null"))?;
    if let Value::String(text) = &document {
        // Some versions wrote the document as a JSON string.
        document = serde_json::from_str(text)?;
    }
    let Some(Value::Object(entries)) = document.pointer_mut("/history/messages").map(Value::take) else {
        return Ok(());
    };
    for (id, entry) in entries {
        if let Value::Object(entry) = entry {
            let fault = |error| BodyError::new(format_args!("message {id}: {error}"));
            messages.extend(message(chat, user, &id, entry, now).map_err(fault)?);
        }
    }
    Ok(())
}

/// The row of an entry; `None` when it has no role.
fn message(
    chat: &str,
    user: &str,
    id: &str,
    mut entry: Map<String, Value>,
    now: Duration,
) -> Result<Option<Message>> {
    let Some(role) = text(&mut entry, "role")? else { return Ok(None) };
    let parent = text(&mut entry, "parentId")?;
    let model = text(&mut entry, "model")?;
    let done = match entry.remove("done") {
        Some(Value::Bool(done)) => done,
        // From before answers came in pieces.
        None | Some(Value::Null) => true,
        Some(_) => return Err(BodyError::new("`done` is neither true nor false")),
    };
    let created = seconds(entry.get("timestamp"), now);
    let mut take = |name: &str| entry.remove(name).filter(|value| !value.is_null());
    Ok(Some((
        format!("{chat}-{id}"),
        chat.to_owned(),
        user.to_owned(),
        role,
        parent,
        take("content"),
        take("output"),
        model,
        take("files"),
        take("sources"),
        take("embeds"),
        done,
        take("statusHistory"),
        take("error"),
        take("usage"),
        created,
        created,
    )))
}

/// A text of the entry, if it has it.
fn text(entry: &mut Map<String, Value>, name: &str) -> Result<Option<String>> {
    match entry.remove(name) {
        Some(Value::String(text)) => Ok(Some(text)),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(BodyError::new(format_args!("`{name}` is no text"))),
    }
}

/// 2020-01-01, before which there were no chats.
const EARLIEST: i64 = 1_577_836_800;

/// The time of a message in seconds; now, where it is none that can be.
fn seconds(timestamp: Option<&Value>, now: Duration) -> i64 {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let number = match timestamp {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and is then no time that can be")]
    let number = number.map_or(0, |number: f64| number as i64);
    // So many seconds are the year 2286, so they are milliseconds.
    let number = if number > 10_000_000_000 { number / 1_000 } else { number };
    if (EARLIEST..=now + 86_400).contains(&number) { number } else { now }
}
