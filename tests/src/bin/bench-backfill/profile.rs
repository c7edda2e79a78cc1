//! Where the time of a backfill goes: in which statements, and between them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::InstrumentationEvent;
use migrate_core::AnyConnection;
use migrate_core::prelude::*;

#[derive(Default)]
struct Seen {
    began: Option<(String, Instant)>,
    /// By the statement's first words: how many, and how long they took.
    statements: BTreeMap<String, (u32, Duration)>,
}

/// Runs something and prints the times of its statements, the longest first.
pub(crate) fn print(conn: &mut AnyConnection, run: impl FnOnce(&mut AnyConnection)) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let watcher = Arc::clone(&seen);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        let mut seen = watcher.lock().expect("what was seen");
        match event {
            InstrumentationEvent::StartQuery { query, .. } => {
                seen.began = Some((kind(&query.to_string()), Instant::now()));
            }
            InstrumentationEvent::FinishQuery { .. } => {
                let Some((kind, began)) = seen.began.take() else { return };
                let entry = seen.statements.entry(kind).or_default();
                entry.0 += 1;
                entry.1 += began.elapsed();
            }
            _ => {}
        }
    });
    let began = Instant::now();
    run(conn);
    let whole = began.elapsed();
    let seen = seen.lock().expect("what was seen");
    let mut statements: Vec<_> = seen.statements.iter().collect();
    statements.sort_by_key(|(_, (_, took))| std::cmp::Reverse(*took));
    println!("  {:>9.1} ms  in all", milliseconds(whole));
    for (kind, (count, took)) in &statements {
        println!("  {:>9.1} ms  {count:>6}  {kind}", milliseconds(*took));
    }
    let within: Duration = statements.iter().map(|(_, (_, took))| *took).sum();
    println!("  {:>9.1} ms  between them", milliseconds(whole.saturating_sub(within)));
}

/// Bound values, which follow the text, would make each batch a kind of its own.
fn kind(query: &str) -> String {
    let text = query.split(" -- binds").next().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(90).collect()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
