//! The connection is cut in the middle of a `COMMIT`.

use migrate_tests::testkit::{Chance, Cut, Postgres, Proxy, repetitions};

use super::trial::{BATCH, Trial, report};

const LOST: &str = "connection";

/// A backfill of ten batches, behind a proxy.
fn behind_a_proxy() -> (Trial, Proxy) {
    let trial = Trial::new(Postgres::shared().database(), 10 * BATCH);
    (trial, Proxy::start(Postgres::shared().port()))
}

/// The commits of a run that nobody disturbs.
fn commits() -> u32 {
    let (trial, proxy) = behind_a_proxy();
    assert_eq!(trial.finish_in_the_end(&proxy.url(&trial.database), &[], LOST), 0);
    trial.assert_done();
    proxy.commits()
}

#[test]
fn a_commit_that_never_reached_the_server_is_repeated_wherever_it_is() {
    let commits = commits();
    assert!(commits > 10, "{commits}");
    let mut repeated = 0;
    for passing in 0..commits {
        let (trial, proxy) = behind_a_proxy();
        proxy.cut(passing, Cut::BeforeCommit);
        trial.finish_in_the_end(&proxy.url(&trial.database), &[], LOST);
        assert_eq!(proxy.cuts(), 1);
        let again = trial.assert_done();
        assert!(again.total() <= 1, "cut at {passing}: {again:?}");
        repeated += again.total();
    }
    assert_eq!(repeated, 10, "each batch was undone once");
}

#[test]
fn a_commit_whose_answer_was_lost_is_looked_up_wherever_it_is() {
    for passing in 0..commits() {
        let (trial, proxy) = behind_a_proxy();
        proxy.cut(passing, Cut::AfterCommit);
        trial.finish_in_the_end(&proxy.url(&trial.database), &[], LOST);
        assert_eq!(proxy.cuts(), 1);
        assert_eq!(trial.assert_done().total(), 0, "cut at {passing}");
    }
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
