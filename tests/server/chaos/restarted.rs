//! The server goes down at once, as in a crash, and comes up again.

use std::time::Duration;

use migrate_tests::testkit::{Chance, Postgres, repetitions};

use super::trial::{Moment, Trial, report};

#[test]
fn a_server_restarted_at_random_moments_has_each_row_changed_once() {
    let mut chance = Chance::new();
    let server = Postgres::own().start();
    let trial = Trial::new(server.database(), 2_000);
    let restarts = repetitions(6);
    let mut worker = trial.start(&[]);
    let mut failed = 0;
    for restart in 0..restarts {
        // Late moments would leave nothing to do for the other restarts.
        let batches = usize::try_from(chance.number(0..12)).unwrap();
        let moment = Moment::Within(batches, chance.time(Duration::from_millis(10)));
        trial.wait(&mut worker, moment);
        server.crash();
        std::thread::sleep(chance.time(Duration::from_millis(300)));
        server.start_again();
        if trial.state().as_deref() == Some("applied") {
            assert!(restart > 0, "it was done before the first restart");
            break;
        }
        if !worker.is_running() {
            let finished = worker.finish();
            assert!(finished.stderr.contains("connection"), "{}", finished.stderr);
            failed += 1;
            worker = trial.start(&[]);
        }
    }
    drop(worker);
    trial.finish(&[]);
    let again = trial.assert_done();
    report(&format!(
        "{restarts} restarts, {failed} processes ended by them: {} batches done again",
        again.total()
    ));
    assert!(again.total() <= restarts + 1, "{again:?}");
}
