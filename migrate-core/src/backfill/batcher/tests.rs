//! Whole backfills as scripts: a table of numbers, without a database and without a clock.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Batcher, Failure, Next, Outcome};
use crate::backfill::Pace;

const MS: Duration = Duration::from_millis(1);

/// What a batch meets.
#[derive(Debug, Clone)]
struct Table {
    rows: u32,
    bad: BTreeSet<u32>,
    /// How long one row takes.
    cost: Duration,
    /// The server's time limit for a statement.
    statement_timeout: Duration,
    /// Whether the batch of this number, counted from 0, meets a deadlock; in a circle.
    deadlocks: Vec<bool>,
}

#[derive(Debug, Default)]
struct Run {
    done: Vec<u32>,
    rejected: Vec<u32>,
    /// The limit of each batch, and how many rows it had; 0 when it failed.
    batches: Vec<(u32, u32)>,
    end: Option<Next>,
}

fn table(rows: u32) -> Table {
    Table {
        rows,
        bad: BTreeSet::new(),
        cost: Duration::from_micros(100),
        statement_timeout: Duration::MAX,
        deadlocks: vec![false],
    }
}

fn run(table: &Table, batcher: &mut Batcher) -> Run {
    let (mut run, mut now, mut at) = (Run::default(), Instant::now(), 0);
    for step in 0.. {
        assert!(step < 100_000, "it does not end");
        let next = batcher.next(now);
        let outcome = match next {
            Next::Finished | Next::GiveUp => {
                run.end = Some(next);
                return run;
            }
            Next::Reject => {
                run.rejected.push(at);
                at += 1;
                Outcome::Rejected
            }
            Next::Batch { limit } | Next::Again { limit, .. } => {
                let rows = limit.min(table.rows - at);
                let took = table.cost * rows;
                now += took;
                let failure = if table.deadlocks[run.batches.len() % table.deadlocks.len()] {
                    Some(Failure::Passing)
                } else if took > table.statement_timeout {
                    Some(Failure::TooLong)
                } else {
                    table.bad.range(at..at + rows).next().map(|_| Failure::Row)
                };
                run.batches.push((limit, if failure.is_some() { 0 } else { rows }));
                if let Some(failure) = failure {
                    Outcome::Failed { failure, rows }
                } else {
                    run.done.extend(at..at + rows);
                    at += rows;
                    Outcome::Done { rows }
                }
            }
        };
        batcher.told(outcome, now);
    }
    unreachable!("the steps are endless")
}

fn sizes(run: &Run) -> Vec<u32> {
    run.batches.iter().map(|(limit, _)| *limit).collect()
}

fn batcher() -> Batcher {
    Batcher::new(Pace::default(), 1_000, 5)
}

#[test]
fn an_empty_table_is_looked_at_twice() {
    let run = run(&table(0), &mut batcher());
    assert_eq!((run.batches, run.end), (vec![(1_000, 0), (1_000, 0)], Some(Next::Finished)));
}

#[test]
fn the_size_grows_by_half_until_a_batch_takes_the_target() {
    let run = run(&table(50_000), &mut batcher());
    assert_eq!(sizes(&run)[..6], [1_000, 1_500, 2_250, 3_000, 3_000, 3_000]);
}

#[test]
fn no_batch_is_larger_than_the_largest() {
    let quick = Table { cost: Duration::from_nanos(1), ..table(200_000) };
    let run = run(&quick, &mut batcher());
    assert_eq!(run.batches.iter().map(|(_, rows)| *rows).max(), Some(20_000));
}

#[test]
fn a_batch_of_five_times_the_target_is_followed_by_one_of_a_tenth() {
    let slow = Table { cost: 2 * MS, ..table(3_000) };
    let run = run(&slow, &mut batcher());
    assert_eq!(sizes(&run)[..4], [1_000, 100, 150, 150]);
}

#[test]
fn a_bad_row_is_found_by_halving() {
    let one_bad = Table { bad: BTreeSet::from([5]), ..table(1_000) };
    let run = run(&one_bad, &mut batcher());
    assert_eq!(sizes(&run)[..10], [1_000, 500, 250, 125, 62, 31, 15, 7, 3, 2]);
    assert_eq!(run.rejected, [5]);
    assert_eq!(run.end, Some(Next::Finished));
}

#[test]
fn a_row_that_went_away_is_not_put_aside() {
    let mut batcher = Batcher::new(Pace::default(), 10, 5);
    let now = Instant::now();
    for rows in [10, 5, 2, 1] {
        assert_eq!(batcher.next(now), Next::Batch { limit: rows });
        batcher.told(Outcome::Failed { failure: Failure::Row, rows }, now);
    }
    assert_eq!(batcher.next(now), Next::Reject);
    batcher.told(Outcome::Vanished, now);
    assert_eq!(batcher.next(now), Next::Batch { limit: 10 });
}

#[test]
fn failures_that_pass_are_tried_again_so_often_and_no_more() {
    let stuck = Table { deadlocks: vec![true], ..table(100) };
    let run = run(&stuck, &mut Batcher::new(Pace::default(), 1_000, 3));
    assert_eq!((sizes(&run), run.end), (vec![1_000, 100, 50, 25], Some(Next::GiveUp)));
}

#[test]
fn a_statement_that_takes_too_long_is_halved_until_it_does_not() {
    let slow = Table { cost: 10 * MS, statement_timeout: 100 * MS, ..table(100) };
    let run = run(&slow, &mut batcher());
    assert_eq!(run.end, Some(Next::Finished));
    assert_eq!(run.done.len(), 100);
    let hopeless = Table { cost: 200 * MS, ..slow };
    assert_eq!(super::tests::run(&hopeless, &mut batcher()).end, Some(Next::GiveUp));
}

#[test]
fn rows_that_keep_coming_in_are_not_chased_for_ever() {
    let mut batcher = batcher();
    let now = Instant::now();
    for _ in 0..3 {
        assert!(matches!(batcher.next(now), Next::Batch { .. }));
        batcher.told(Outcome::Done { rows: 7 }, now + MS);
    }
    assert_eq!(batcher.next(now), Next::Finished);
}

#[test]
fn rows_with_a_last_one_are_gone_through_however_short_batches_are() {
    let mut batcher = batcher().within(true);
    let now = Instant::now();
    for _ in 0..50 {
        assert!(matches!(batcher.next(now), Next::Batch { .. }));
        batcher.told(Outcome::Done { rows: 7 }, now + MS);
    }
    for _ in 0..2 {
        assert!(matches!(batcher.next(now), Next::Batch { .. }));
        batcher.told(Outcome::Done { rows: 0 }, now + MS);
    }
    assert_eq!(batcher.next(now), Next::Finished);
}

#[test]
fn the_short_batch_at_the_end_of_a_piece_does_not_make_the_next_ones_smaller() {
    let mut batcher = batcher().within(true);
    let now = Instant::now();
    for (rows, took, size) in [(1_000, 300, 1_000), (3, 10, 1_000), (3, 290, 1_000), (500, 600, 250)] {
        batcher.next(now);
        batcher.told(Outcome::Done { rows }, now + took * MS);
        assert_eq!(batcher.size(), size, "after {rows} rows in {took} ms");
    }
}

fn any_table() -> impl Strategy<Value = Table> {
    let bad = prop::collection::btree_set(0..3_000_u32, 0..12);
    // Five deadlocks in a row would be one too many.
    let deadlocks = prop::collection::vec(any::<bool>(), 1..5).prop_map(|mut script| {
        script.push(false);
        script
    });
    (0..3_000_u32, bad, 1..2_000_u64, deadlocks, any::<bool>()).prop_map(
        |(rows, bad, cost, deadlocks, limited)| {
            let cost = Duration::from_micros(cost);
            let statement_timeout = if limited { cost * 3 } else { Duration::MAX };
            Table {
                rows,
                bad: bad.into_iter().filter(|row| *row < rows).collect(),
                cost,
                statement_timeout,
                deadlocks,
            }
        },
    )
}

#[test]
fn rows_that_get_a_last_one_at_the_end_are_not_at_their_end_yet() {
    let mut batcher = Batcher::new(Pace::default(), 10, 5);
    for _ in 0..3 {
        batcher.next(Instant::now());
        batcher.told(Outcome::Done { rows: 3 }, Instant::now());
    }
    assert_eq!(batcher.next(Instant::now()), Next::Finished);
    batcher.bound();
    assert_eq!(batcher.next(Instant::now()), Next::Batch { limit: 10 });
    for expected in [Next::Batch { limit: 10 }, Next::Finished] {
        batcher.told(Outcome::Done { rows: 0 }, Instant::now());
        assert_eq!(batcher.next(Instant::now()), expected);
    }
}

proptest! {
    #[test]
    fn every_good_row_is_done_once_and_every_bad_one_is_put_aside(table in any_table(), start in 1..5_000_u32) {
        let run = run(&table, &mut Batcher::new(Pace::default(), start, 5));
        prop_assert_eq!(run.end, Some(Next::Finished));
        let good: Vec<_> = (0..table.rows).filter(|row| !table.bad.contains(row)).collect();
        prop_assert_eq!(run.done, good);
        prop_assert_eq!(run.rejected, table.bad.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_is_never_empty_never_too_large_and_grows_by_half_at_most(table in any_table(), start in 1..5_000_u32) {
        let pace = Pace::default();
        let calm = Table { bad: BTreeSet::new(), deadlocks: vec![false], statement_timeout: Duration::MAX, ..table };
        let run = run(&calm, &mut Batcher::new(pace, start, 5));
        for sizes in sizes(&run).windows(2) {
            prop_assert!((pace.min..=pace.max).contains(&sizes[1]), "{sizes:?}");
            prop_assert!(sizes[1] <= (sizes[0] + sizes[0] / 2).max(pace.min), "{sizes:?}");
        }
    }

    #[test]
    fn finding_a_bad_row_takes_as_many_batches_as_its_number_has_digits(at in 0..1_000_u32) {
        let pace = Pace { target: Duration::from_millis(100), ..Pace::default() };
        let one_bad = Table { bad: BTreeSet::from([at]), ..table(1_000) };
        let run = run(&one_bad, &mut Batcher::new(pace, 1_000, 5));
        prop_assert_eq!(&run.rejected, &[at]);
        prop_assert!(run.batches.len() <= 25, "{:?}", run.batches);
    }
}
