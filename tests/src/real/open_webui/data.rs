//! Chats as people have left them: documents of several versions, with what went wrong in each.

use fastrand::Rng;
use migrate_core::AnyConnection;
use migrate_core::bulk::bulk_insert;
use serde_json::{Map, Value, json};

use self::schema::chat;

mod schema {
    diesel::table! {
        chat (id) {
            id -> Text,
            user_id -> Text,
            #[sql_name = "chat"]
            document -> Nullable<Json>,
        }
    }
}

/// A chat, and what has to become of it.
#[derive(Debug, Clone)]
pub struct Chat {
    /// Its key.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// As the application wrote it.
    pub document: Option<Value>,
    /// Its rows in the table of messages; `None` when it has to be put aside.
    pub messages: Option<Vec<Message>>,
}

/// A message as the table has to have it; JSON is a text as `serde_json` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Within the chat.
    pub id: String,
    /// `user` or `assistant`.
    pub role: &'static str,
    /// The message before.
    pub parent: Option<String>,
    /// A text, or a list of parts.
    pub content: Option<String>,
    /// Who wrote it.
    pub model: Option<String>,
    /// Whether it is complete.
    pub done: bool,
    /// What was attached to it.
    pub files: Option<String>,
    /// What was searched for it.
    pub status_history: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Tokens.
    pub usage: Option<String>,
    /// In seconds; `None` when it is not known, so that the table has the time of the migration.
    pub created: Option<i64>,
}

/// Inserts the first `count` chats.
///
/// # Panics
///
/// If that fails.
pub fn insert(conn: &mut AnyConnection, count: u32) {
    let rows = (0..count).map(|number| chat(number, 0)).map(|chat| (chat.id, chat.user, chat.document));
    bulk_insert(chat::table, (chat::id, chat::user_id, chat::document))
        .rows(rows)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The id of a chat: a UUID, so that the order of the keys is not the one of the numbers.
#[must_use]
pub fn id(number: u32) -> String {
    let bits = Rng::with_seed(u64::from(number)).u128(..);
    format!(
        "{number:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        bits & 0xffff,
        (bits >> 16) & 0xfff,
        (bits >> 28) & 0xfff,
        (bits >> 40) & 0xffff_ffff_ffff
    )
}

/// The chat of a number, as it is after so many changes; always the same.
///
/// Of 2,500 chats, five cannot be exploded as they are at first. Each fiftieth is a shared copy.
#[must_use]
pub fn chat(number: u32, changes: u32) -> Chat {
    let mut random = Rng::with_seed(u64::from(changes) << 32 | u64::from(number));
    let (id, user) = (id(number), format!("user-{}", number % 997));
    let (entries, messages) = conversation(&mut random);
    let document = json!({ "title": "A chat", "models": ["llama3"], "history": { "messages": entries } });
    let (document, messages) = match (changes, number % 2_500) {
        (0, 310) => (json!("[object Object]"), None),
        (0, 711) => (entry_of(&json!({ "role": 7, "content": "who?" })), None),
        (0, 1_212) => (entry_of(&json!({ "role": "user", "parentId": { "id": "m1" } })), None),
        (0, 1_813) => (entry_of(&json!({ "role": "assistant", "done": "yes" })), None),
        (0, 2_314) => (json!("{\"history\": {\"messages\": "), None),
        (_, rest) if rest % 50 == 49 => {
            return Chat {
                id,
                user: format!("shared-{user}"),
                document: Some(document),
                messages: Some(Vec::new()),
            };
        }
        (_, rest) => match rest % 40 {
            0 => return Chat { id, user, document: None, messages: Some(Vec::new()) },
            1 => (json!({ "title": "before there were messages" }), Some(Vec::new())),
            2 => (json!({ "history": { "messages": [], "currentId": null } }), Some(Vec::new())),
            3 => (json!(null), Some(Vec::new())),
            4..8 => (Value::String(document.to_string()), Some(messages)),
            _ => (document, Some(messages)),
        },
    };
    Chat { id, user, document: Some(document), messages }
}

fn entry_of(entry: &Value) -> Value {
    json!({ "history": { "messages": { "m0": { "role": "user", "content": "hello" }, "m1": entry } } })
}

const CONTENTS: [&str; 5] = [
    "How do I get a child process's exit status in Rust?",
    "Call `wait()`, which returns an `ExitStatus`:\n\n```rust\nlet status = child.wait()?;\n```",
    "¿Y en español? 🙂",
    "a \"quoted\" word, a \\ and a \u{1} control character",
    "",
];

/// The entries of a document, and the messages that they are.
fn conversation(random: &mut Rng) -> (Map<String, Value>, Vec<Message>) {
    let (mut entries, mut messages) = (Map::new(), Vec::new());
    let count = match random.u8(..100) {
        0 => 30,
        1..10 => 5,
        10..40 => 2,
        _ => 1,
    };
    for number in 0..count {
        let id = format!("m{number}");
        match random.u8(..40) {
            0 => {
                entries.insert(id, json!("a draft"));
            }
            1 => {
                entries.insert(id, json!({ "content": "nobody said this" }));
            }
            _ => {
                let (entry, message) = message(random, id.clone(), number);
                entries.insert(id, entry);
                messages.push(message);
            }
        }
    }
    (entries, messages)
}

/// An entry, and the message that it is.
fn message(random: &mut Rng, id: String, number: u32) -> (Value, Message) {
    let mut entry = Map::new();
    let mut optional = |name: &str, value: Option<Value>| -> Option<String> {
        let text = value.as_ref().map(Value::to_string);
        entry.extend(value.map(|value| (name.to_owned(), value)));
        text
    };
    let assistant = number % 2 == 1;
    let parent = (number > 0).then(|| format!("m{}", number - 1));
    optional("parentId", Some(parent.clone().map_or(Value::Null, Value::String)));
    let text = *random.choice(&CONTENTS).unwrap_or(&"");
    let content = match random.u8(..20) {
        0 => {
            json!([{ "type": "text", "text": text }, { "type": "image_url", "image_url": { "url": "data:" } }])
        }
        _ => json!(text),
    };
    let content = optional("content", Some(content));
    let model = (assistant && random.u8(..10) > 0).then(|| "llama3:8b".to_owned());
    optional("model", model.clone().map(Value::String));
    let done = (assistant && random.bool()).then(|| random.u8(..20) > 0);
    optional("done", done.map(Value::Bool));
    let mut sometimes = |one_in: u8, name: &str, value: Value| {
        let value = (random.u8(..one_in) == 0).then_some(value);
        optional(name, value)
    };
    let files = sometimes(15, "files", json!([{ "id": "f1", "type": "file", "name": "notes.pdf" }]));
    let status_history = sometimes(20, "statusHistory", json!([{ "done": true, "action": "web_search" }]));
    let error = sometimes(30, "error", json!({ "content": "model not found" }));
    let usage = sometimes(3, "usage", json!({ "prompt_tokens": 34, "completion_tokens": 120 }));
    let (timestamp, created) = timestamp(random);
    entry.extend(timestamp.map(|timestamp| ("timestamp".to_owned(), timestamp)));
    let role = if assistant { "assistant" } else { "user" };
    entry.insert("role".to_owned(), json!(role));
    let done = done.unwrap_or(true);
    let message =
        Message { id, role, parent, content, model, done, files, status_history, error, usage, created };
    (Value::Object(entry), message)
}

/// A time as the versions of the application wrote it, and what it is in seconds.
fn timestamp(random: &mut Rng) -> (Option<Value>, Option<i64>) {
    let seconds = random.i64(1_690_000_000..1_760_000_000);
    match random.u8(..20) {
        0 => (Some(json!(seconds * 1_000 + 123)), Some(seconds)),
        1 => (Some(json!(seconds.to_string())), Some(seconds)),
        2 => (Some(json!(format!(" {seconds}.75"))), Some(seconds)),
        3 => (Some(json!(f64::from(u32::try_from(seconds).unwrap_or_default()) + 0.5)), Some(seconds)),
        4 => (Some(json!("yesterday")), None),
        5 => (Some(json!(0)), None),
        6 => (Some(json!(9_999_999_999_i64)), None),
        7 => (Some(json!(1e300)), None),
        8 => (Some(Value::Null), None),
        9 => (None, None),
        _ => (Some(json!(seconds)), Some(seconds)),
    }
}
