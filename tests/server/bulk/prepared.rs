use std::sync::{Arc, Mutex};

use diesel::Connection as _;
use diesel::connection::InstrumentationEvent;
use migrate_core::AnyConnection;
use migrate_core::prelude::bulk_update;
use migrate_tests::on_each_server;

use super::users;

/// What a connection did: statements run, and those of them that were prepared to be kept.
#[derive(Default)]
struct Seen {
    run: usize,
    kept: Vec<String>,
}

fn watch(connection: &mut AnyConnection) -> Arc<Mutex<Seen>> {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let watcher = Arc::clone(&seen);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { .. } => watcher.lock().unwrap().run += 1,
        InstrumentationEvent::CacheQuery { sql, .. } => watcher.lock().unwrap().kept.push(sql.to_owned()),
        _ => {}
    });
    seen
}

on_each_server! {
    fn one_statement_is_prepared_for_all_rows_of_all_batches(database: &Database) {
        users(database, 20_000);
        let mut connection = database.connect();
        let seen = watch(&mut connection);
        for batch in 0..10_i64 {
            bulk_update(users::table, users::id, users::email)
                .rows((1..=2_000).rev().map(|row| (batch * 2_000 + row, "x")))
                .execute(&mut connection)
                .unwrap();
        }
        let seen = seen.lock().unwrap();
        let kept: Vec<_> = seen.kept.iter().filter(|sql| sql.starts_with("UPDATE")).collect();
        assert_eq!(kept.len(), 1, "{kept:?}");
        match connection {
            // Per batch: begin, one statement, commit.
            AnyConnection::Postgres(_) => assert_eq!(seen.run, 30),
            AnyConnection::Sqlite(_) => assert_eq!(seen.run, 10 * 2_002),
            _ => panic!("a server that is not tested"),
        }
    }
}
