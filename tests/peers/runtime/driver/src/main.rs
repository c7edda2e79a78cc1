//! Runs the measured programs interleaved and prints the tables, as Markdown.
//!
//! `peers-driver <programs> <history> <scratch> <socket directory> <port> <rounds> [server]`. Each round runs every tool once,
//! beginning with another one each time, on a fresh database, so that a busy minute of the machine hits all alike.
//! A ratio is this framework's time divided by the other's, of the minima and of the medians: below 1 this
//! framework is faster.

mod sample;
mod servers;

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::sample::{Samples, table};
use crate::servers::{Address, Servers};

/// How often a process of the no-op benchmark connects anew.
const CONNECTIONS: usize = 10;
/// How many processes of the no-op benchmark each round starts.
const PROCESSES: usize = 3;

/// One row of a table.
#[derive(Debug, Clone, Copy)]
struct Row {
    label: &'static str,
    /// The program, or nothing for psql.
    program: Option<&'static str>,
    work: &'static str,
}

const fn row(label: &'static str, program: &'static str, work: &'static str) -> Row {
    Row { label, program: Some(program), work }
}

/// The first row of each table is this framework.
const EACH: [Row; 7] = [
    row("ours", "peers-ours", "migrate"),
    row("floor: one script per migration", "peers-floor", "migrate"),
    Row { label: "floor: `psql -f`", program: None, work: "each.sql" },
    row("diesel_migrations", "peers-diesel", "migrate"),
    row("sqlx", "peers-sqlx", "migrate"),
    row("refinery", "peers-refinery", "migrate"),
    row("sea-orm-migration, 200 only", "peers-sea-orm", "migrate"),
];

const AT_ONCE: [Row; 4] = [
    row("ours, single transaction", "peers-ours", "migrate-at-once"),
    row("floor, single transaction", "peers-floor", "migrate-at-once"),
    row("diesel_migrations, savepoints", "peers-diesel", "migrate-at-once"),
    row("refinery, grouped", "peers-refinery", "migrate-at-once"),
];

const NOTHING_TO_DO: [Row; 8] = [
    row("ours, `upgrade(\"heads\")`", "peers-ours", "migrate"),
    row("ours, `ensure_current`", "peers-ours", "check"),
    row("floor: one SELECT of the versions", "peers-floor", "check"),
    row("diesel_migrations, `run_pending_migrations`", "peers-diesel", "migrate"),
    row("diesel_migrations, `has_pending_migration`", "peers-diesel", "check"),
    row("sqlx", "peers-sqlx", "migrate"),
    row("refinery", "peers-refinery", "migrate"),
    row("sea-orm-migration, 200 only", "peers-sea-orm", "migrate"),
];

struct Driver {
    programs: PathBuf,
    history: PathBuf,
    servers: Servers,
    rounds: usize,
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [programs, history, scratch, socket, port, rounds, only @ ..] = &arguments[..] else {
        panic!(
            "usage: peers-driver <programs> <history> <scratch> <socket directory> <port> <rounds> [server]"
        );
    };
    let driver = Driver {
        programs: programs.into(),
        history: history.into(),
        servers: Servers::new(scratch.into(), socket.clone(), port.clone()),
        rounds: rounds.parse().expect("a number of rounds"),
    };
    for server in ["sqlite", "postgres"].into_iter().filter(|server| only.iter().all(|only| only == server)) {
        driver.apply(server);
        driver.nothing_to_do(server);
    }
}

impl Driver {
    /// Applying a whole history to an empty database.
    fn apply(&self, server: &str) {
        let rows: Vec<_> =
            EACH.into_iter().chain(AT_ONCE).filter(|row| self.takes_part(*row, server)).collect();
        let mut samples = vec![Samples::default(); rows.len()];
        for round in 0..self.rounds {
            for (index, row) in rotated(&rows, round) {
                let address = self.servers.fresh(server, "apply");
                let took = self.run(*row, &address, 1);
                samples[index].add(took.into_iter().map(|(_, work)| work));
                self.servers.drop(&address);
            }
            eprintln!("{server}: round {} of applying done", round + 1);
        }
        let each = rows.iter().position(|row| row.work == "migrate-at-once").expect("both kinds");
        let unit = Duration::from_secs(1);
        println!("\n### Applying 1,000 migrations, {server}, seconds\n");
        table(
            unit,
            &["time"],
            rows[..each].iter().zip(&samples).map(|(row, samples)| (row.label, vec![samples])),
        );
        println!();
        table(
            unit,
            &["time"],
            rows[each..].iter().zip(&samples[each..]).map(|(row, samples)| (row.label, vec![samples])),
        );
        println!(
            "\nOne transaction for all: {:.1} times as fast as one each (ours, medians).",
            samples[0].median().as_secs_f64() / samples[each].median().as_secs_f64()
        );
    }

    /// Starting with everything applied.
    fn nothing_to_do(&self, server: &str) {
        let rows: Vec<_> = NOTHING_TO_DO.into_iter().filter(|row| self.takes_part(*row, server)).collect();
        let mut addresses = std::collections::BTreeMap::new();
        for row in &rows {
            let program = row.program.expect("a program");
            addresses.entry(program).or_insert_with(|| {
                let address = self.servers.fresh(server, program.trim_start_matches("peers-"));
                self.run(Row { work: "migrate", ..*row }, &address, 1);
                self.servers.settle(&address);
                address
            });
        }
        let mut check = vec![Samples::default(); rows.len()];
        let mut both = check.clone();
        for round in 0..self.rounds * PROCESSES {
            for (index, row) in rotated(&rows, round) {
                let address = &addresses[row.program.expect("a program")];
                let took = self.run(*row, address, CONNECTIONS);
                check[index].add(took.iter().map(|(_, work)| *work));
                both[index].add(took.iter().map(|(connect, work)| *connect + *work));
            }
        }
        for address in addresses.values() {
            self.servers.drop(address);
        }
        println!("\n### Starting with 1,000 applied, {server}, milliseconds\n");
        table(
            Duration::from_millis(1),
            &["check", "connect and check"],
            rows.iter()
                .zip(check.iter().zip(&both))
                .map(|(row, (check, both))| (row.label, vec![check, both])),
        );
    }

    fn takes_part(&self, row: Row, server: &str) -> bool {
        row.program.map_or(server == "postgres", |program| self.programs.join(program).exists())
    }

    /// Runs one program and returns how long it connected and worked, once for each repeat.
    fn run(&self, row: Row, address: &Address, repeats: usize) -> Vec<(Duration, Duration)> {
        let Some(program) = row.program else {
            let start = Instant::now();
            self.servers.psql_file(address, &self.history.join("psql").join(row.work));
            return vec![(Duration::ZERO, start.elapsed())];
        };
        let output = Command::new(self.programs.join(program))
            .args([row.work, address.server(), &address.text(), &repeats.to_string()])
            .output()
            .expect("a program that runs");
        assert!(output.status.success(), "{} failed: {}", row.label, String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text");
        let nanoseconds = |text: &str| Duration::from_nanos(text.parse().expect("nanoseconds"));
        let took: Vec<_> = text
            .lines()
            .map(|line| {
                let (connect, work) = line.split_once(' ').expect("two numbers");
                (nanoseconds(connect), nanoseconds(work))
            })
            .collect();
        assert_eq!(took.len(), repeats, "{} prints one line for each repeat", row.label);
        took
    }
}

/// The rows with their indices, beginning with another one in each round.
fn rotated(rows: &[Row], round: usize) -> impl Iterator<Item = (usize, &Row)> {
    let start = round % rows.len();
    rows.iter().enumerate().cycle().skip(start).take(rows.len())
}
