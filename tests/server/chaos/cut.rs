//! The connection is cut in the middle of a `COMMIT`.

use migrate_tests::testkit::{Chance, Cut, Postgres, Proxy, repetitions};

use super::trial::{BATCH, Trial, report};

const LOST: &str = "connection";

/// A backfill of ten batches, behind a proxy.
fn behind_a_proxy() -> (Trial, Proxy) {
    let trial = Trial::new(Postgres::shared().database(), 10 * BATCH);
    (trial, Proxy::start(Postgres::shared().port()))
}

/// Runs it as often as it has commits, each time with another one cut; returns how many batches were done again in each.
///
/// A run does not have the same commits as the one before: a slow machine gives it time for a sign of life.
fn cut_at_each_commit(cut: Cut) -> Vec<u32> {
    let mut again = Vec::new();
    loop {
        let (trial, proxy) = behind_a_proxy();
        proxy.cut(u32::try_from(again.len()).unwrap(), cut);
        trial.finish_in_the_end(&proxy.url(&trial.database), &[], LOST);
        let repeated = trial.assert_done().total();
        if proxy.cuts() == 0 {
            return again;
        }
        assert_eq!(proxy.cuts(), 1);
        again.push(repeated);
        assert!(again.len() < 100, "it commits more and more often: {again:?}");
    }
}

#[test]
fn a_commit_that_never_reached_the_server_is_repeated_wherever_it_is() {
    let again = cut_at_each_commit(Cut::BeforeCommit);
    assert!(again.len() > 10, "{again:?}");
    assert!(again.iter().all(|&batches| batches <= 1), "{again:?}");
    assert!(again.iter().sum::<u32>() >= 10, "each batch was undone: {again:?}");
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_up_wherever_it_is() {
    let again = cut_at_each_commit(Cut::AfterCommit);
    assert!(again.len() > 10, "{again:?}");
    assert!(again.iter().all(|&batches| batches == 0), "{again:?}");
}

/// Cuts connections at commits here and there; a process that ends of it is started again.
fn cut(workers: &str, cuts: u32) {
    let mut chance = Chance::new();
    let trial = Trial::new(Postgres::shared().database(), cuts * 5 * BATCH);
    let proxy = Proxy::start(Postgres::shared().port());
    for _ in 0..cuts {
        let passing = u32::try_from(chance.number(0..10)).unwrap();
        proxy.cut(passing, chance.one_of(&[Cut::BeforeCommit, Cut::AfterCommit]));
    }
    let failed = trial.finish_in_the_end(&proxy.url(&trial.database), &["--workers", workers], LOST);
    let again = trial.assert_done();
    report(&format!(
        "{workers} workers, {} cuts, {failed} processes ended by them: {} batches done again",
        proxy.cuts(),
        again.total()
    ));
    assert!(proxy.cuts() > cuts / 2, "{} cuts", proxy.cuts());
    assert!(again.total() <= proxy.cuts(), "{again:?}");
}

#[test]
fn connections_cut_at_random_moments_change_each_row_once() {
    cut("1", repetitions(20));
}

#[test]
fn connections_of_four_workers_cut_at_random_moments_change_each_row_once() {
    cut("4", repetitions(20));
}
