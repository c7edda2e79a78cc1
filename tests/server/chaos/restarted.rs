//! The server goes down at once, as in a crash, and comes up again.

use std::time::Duration;

use migrate_tests::testkit::{Chance, Postgres, repetitions};

use super::trial::{Moment, Trial, report};

/// Restarts a server of its own at random moments while `workers` work; a process that ends of it is started again.
fn restart(workers: &str, restarts: u32) {
    let mut chance = Chance::new();
    let server = Postgres::own().start();
    let trial = Trial::new(server.database(), 4_000);
    let arguments = ["--workers", workers];
    let mut worker = trial.start(&arguments);
    let (mut failed, mut done) = (0, 0);
    while done < restarts {
        let batches = usize::try_from(chance.number(0..20)).unwrap();
        let moment = Moment::Within(batches, chance.time(Duration::from_millis(10)));
        trial.wait(&mut worker, moment);
        server.crash();
        std::thread::sleep(chance.time(Duration::from_millis(300)));
        server.start_again();
        if trial.state().as_deref() == Some("applied") {
            break;
        }
        done += 1;
        if !worker.is_running() {
            let finished = worker.finish();
            assert!(finished.stderr.contains("connection"), "{}", finished.stderr);
            failed += 1;
            worker = trial.start(&arguments);
        }
    }
    let finished = worker.finish();
    if !finished.status.success() {
        assert!(finished.stderr.contains("connection"), "{}", finished.stderr);
        failed += 1;
        trial.finish(&arguments);
    }
    let again = trial.assert_done();
    report(&format!(
        "{workers} workers, {done} restarts, {failed} processes ended by them: {} batches done again",
        again.total()
    ));
    assert!(done > 0, "it was done before the first restart");
    assert!(again.total() <= workers.parse::<u32>().unwrap() * (done + 1), "{again:?}");
}

#[test]
fn a_server_restarted_at_random_moments_has_each_row_changed_once() {
    restart("1", repetitions(6));
}

#[test]
fn a_server_restarted_under_four_workers_has_each_row_changed_once() {
    restart("4", repetitions(6));
}
