use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use migrate_core::connection::{Dialect, Driver as _};
use migrate_core::runner::Event;
use migrate_tests::backfills::rejected;
use migrate_tests::on_each_server;
use migrate_tests::real::open_webui::data::{Chat, chat, id, insert};
use migrate_tests::real::open_webui::{BACKFILL, BASE, migrator};
use migrate_tests::testkit::{Database, connect};

use super::beside::{Write, upgrade_beside};
use super::killed::upgrade_killed;
use super::{FEW, ROWS, assert_same, downgrade, in_full, prepare, upgrade};

const DONE: &str = "SELECT CAST(count(*) AS text) FROM chat WHERE exploded";

/// Each message with all of its columns; a time between the beginning of the test and now is `now`.
fn messages(database: &Database, started: u64) -> Vec<String> {
    let time = |column: &str| {
        format!(
            "CASE WHEN {column} BETWEEN {started} AND {} THEN 'now' ELSE CAST({column} AS text) END",
            now()
        )
    };
    let text = |column: &&str| format!("coalesce(CAST({column} AS text), '~')");
    let texts = ["id", "chat_id", "user_id", "role", "parent_id", "content", "output", "model_id"];
    let more = ["files", "sources", "embeds", "CASE WHEN done THEN 'done' ELSE 'open' END", "status_history"];
    let columns = texts.iter().chain(&more).chain(&["error", "usage"]).map(text);
    let columns: Vec<_> = columns.chain([time("created_at"), time("updated_at")]).collect();
    database.column(&format!("SELECT {} FROM chat_message", columns.join(" || '|' || ")))
}

fn lines(chat: &Chat) -> Vec<String> {
    let or_null = |value: &Option<String>| value.clone().unwrap_or_else(|| "~".to_owned());
    let line = |it: &migrate_tests::real::open_webui::data::Message| {
        let created = it.created.map_or_else(|| "now".to_owned(), |created| created.to_string());
        [
            format!("{}-{}", chat.id, it.id),
            chat.id.clone(),
            chat.user.clone(),
            it.role.to_owned(),
            or_null(&it.parent),
            or_null(&it.content),
            "~".to_owned(),
            or_null(&it.model),
            or_null(&it.files),
            "~".to_owned(),
            "~".to_owned(),
            if it.done { "done" } else { "open" }.to_owned(),
            or_null(&it.status_history),
            or_null(&it.error),
            or_null(&it.usage),
            created.clone(),
            created,
        ]
        .join("|")
    };
    chat.messages.iter().flatten().map(line).collect()
}

fn expected(count: u32) -> Vec<String> {
    (0..count).flat_map(|number| lines(&chat(number, 0))).collect()
}

fn documents(database: &Database) -> Vec<String> {
    database.column("SELECT id || user_id || coalesce(CAST(chat AS text), '~') FROM chat")
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The chats that cannot be exploded, and what is said of each.
fn bad(count: u32) -> Vec<String> {
    let why = |number: u32| match number % 2_500 {
        310 => "expected value at line 1 column 2",
        711 => "message m1: `role` is no text",
        1_212 => "message m1: `parentId` is no text",
        1_813 => "message m1: `done` is neither true nor false",
        _ => "EOF while parsing a value at line 1 column 25",
    };
    let bad = (0..count).filter(|number| chat(*number, 0).messages.is_none());
    bad.map(|number| format!("\"{}\" rejected 1 {}", id(number), why(number))).collect()
}

on_each_server! {
    fn each_message_is_where_an_independent_computation_puts_it(database: &Database) {
        let started = now();
        prepare(database, &migrator(), BASE, insert, ROWS);
        upgrade(&migrator(), database, BACKFILL).unwrap();
        assert_same(messages(database, started), expected(ROWS));
    }

    fn a_process_that_is_killed_leaves_no_half_loaded_table_that_is_passed_over(database: &Database) {
        let started = now();
        prepare(database, &migrator(), BASE, insert, ROWS / 2);
        upgrade_killed(database, "open_webui", BACKFILL, DONE);
        assert_same(messages(database, started), expected(ROWS / 2));
        assert_same(rejected(database), bad(ROWS / 2));
    }

    fn a_document_that_is_none_loses_nothing_else_and_the_contract_waits_for_it(database: &Database) {
        let started = now();
        prepare(database, &migrator(), BASE, insert, FEW);
        let before = documents(database);
        let error = upgrade(&migrator(), database, "heads").unwrap_err();
        assert!(in_full(&error).contains("chat_is_exploded"), "{}", in_full(&error));
        assert_same(messages(database, started), expected(FEW));
        assert_same(rejected(database), bad(FEW));
        assert_same(documents(database), before);
        // Somebody says that these have no messages.
        database.execute("UPDATE chat SET exploded = true WHERE exploded IS NULL");
        upgrade(&migrator(), database, "heads").unwrap();
        assert_same(messages(database, started), expected(FEW));
    }

    fn the_batches_are_committed_one_by_one_and_not_with_the_revision(database: &Database) {
        prepare(database, &migrator(), BASE, insert, FEW);
        let (seen, url) = (Arc::new(Mutex::new(Vec::new())), database.url().to_owned());
        let counts = Arc::clone(&seen);
        let migrator = migrator().on_event(move |event| {
            if matches!(event, Event::Progress { .. }) {
                let count = connect(&url).query(DONE, &[]).unwrap().remove(0).remove(0).unwrap();
                counts.lock().unwrap().push(count.parse::<u32>().unwrap());
            }
        });
        upgrade(&migrator, database, BACKFILL).unwrap();
        let seen = seen.lock().unwrap();
        assert!(seen.len() > 3 && seen.windows(2).all(|counts| counts[0] <= counts[1]), "{seen:?}");
        assert!(seen[0] > 0 && seen[0] <= 200, "{seen:?}");
    }

    fn what_the_old_code_writes_meanwhile_is_in_the_table(database: &Database) {
        let started = now();
        let rows = 20_000;
        prepare(database, &migrator(), BASE, insert, rows);
        let cast = if database.dialect() == Dialect::Postgres { "CAST($1 AS json)" } else { "$1" };
        // Two that write chats which are done, and those that are not; `None` is a chat that is deleted.
        let change = move |class: u32| -> Write<(u32, Option<u32>)> {
            Box::new(move |conn, number| {
                let (it, changes) = (number * 7_920 % rows + class, number + 1);
                let chat = chat(it, changes);
                let document = chat.document.map(|document| document.to_string());
                let sql = format!("UPDATE chat SET chat = {cast} WHERE id = '{}'", chat.id);
                conn.execute(&sql, &[document.as_deref()]).unwrap();
                (it, Some(changes))
            })
        };
        let make: Write<(u32, Option<u32>)> = Box::new(move |conn, number| {
            let it = rows + number;
            let chat = chat(it, 1);
            let document = chat.document.map(|document| document.to_string());
            let sql = format!("INSERT INTO chat (id, user_id, chat) VALUES ('{}', '{}', {cast})", chat.id, chat.user);
            conn.execute(&sql, &[document.as_deref()]).unwrap();
            (it, Some(1))
        });
        let delete: Write<(u32, Option<u32>)> = Box::new(move |conn, number| {
            let it = number * 7_920 % rows + 2;
            conn.batch(&format!("DELETE FROM chat WHERE id = '{}'", id(it))).unwrap();
            (it, None)
        });
        let visited = u64::from(rows) / 2;
        let written =
            upgrade_beside(database, migrator(), BACKFILL, visited, vec![change(0), change(1), make, delete]);
        let mut versions: BTreeMap<u32, Option<u32>> = (0..rows).map(|it| (it, Some(0))).collect();
        versions.extend(written.into_iter().flatten());
        let versions = versions.into_iter().filter_map(|(it, changes)| Some(chat(it, changes?)));
        assert_same(messages(database, started), versions.flat_map(|chat| lines(&chat)).collect());
    }

    fn the_downgrade_is_the_inverse(database: &Database) {
        let started = now();
        prepare(database, &migrator(), BASE, insert, 300);
        let before = documents(database);
        upgrade(&migrator(), database, "heads").unwrap();
        downgrade(&migrator(), database, BACKFILL);
        // The mark is there again, and it is one.
        database.execute(&format!("UPDATE chat SET chat = NULL WHERE id = '{}'", id(5)));
        assert_eq!(database.one(&format!("SELECT CAST(count(*) AS text) FROM chat WHERE exploded AND id = '{}'", id(5))), "0");
        downgrade(&migrator(), database, BASE);
        let gone = format!("{}user-5", id(5));
        let differ: Vec<_> = documents(database).into_iter().filter(|it| !before.contains(it)).collect();
        assert_eq!(differ, [format!("{gone}~")]);
        assert!(!database.has_table("chat_message"));
        upgrade(&migrator(), database, "heads").unwrap();
        let rest = (0..300).filter(|it| *it != 5).flat_map(|it| lines(&chat(it, 0))).collect();
        assert_same(messages(database, started), rest);
    }
}
