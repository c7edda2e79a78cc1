use migrate_core::connection::Dialect;
use migrate_tests::samples::samples;
use migrate_tests::testkit::Postgres;

use super::run::{CONFORMING, statements, try_out};

fn every_sample_runs_on(server: &Postgres) {
    let database = server.database();
    let mut connection = database.connect();
    let mut failures = Vec::new();
    for sample in samples() {
        if sample.operation.render(Dialect::Postgres).is_err() {
            continue; // Refused, with a reason: the file of expected SQL has it.
        }
        let outside = statements(&sample.operation).iter().any(|statement| !statement.in_transaction);
        for conforming in CONFORMING {
            let outcome = if outside {
                let own = server.database();
                try_out(&mut own.connect(), &sample, conforming, |_| Ok(()))
            } else {
                try_out(&mut connection, &sample, conforming, |_| Ok(()))
            };
            failures.extend(outcome.err());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn every_sample_runs_on_the_machines_postgres() {
    every_sample_runs_on(Postgres::shared());
}

#[test]
fn every_sample_runs_on_postgres_18() {
    every_sample_runs_on(Postgres::eighteen());
}
