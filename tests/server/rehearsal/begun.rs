//! Backfills that several workers have left half done, on PostgreSQL, which alone has more than one writer.

use migrate_core::rehearsal::{Ended, Rehearsal};
use migrate_tests::backfills::{Append, create_items, history, texts};
use migrate_tests::testkit::{Database, Postgres};

use super::{examples, rows, table};

/// A backfill of 200 items that was handed out up to `frontier`; the pieces are `span, state, position, until, rows`.
///
/// The items that the pieces do not hold, up to the frontier, are done.
fn begun(frontier: &str, is_exhausted: bool, pieces: &[(u32, &str, i64, Option<i64>, u32)]) -> Database {
    let database = Postgres::shared().database();
    create_items(&database, 200);
    // Stopped at the first row, so that there is a checkpoint to change.
    history(Append::default().failing_at(&[1])).upgrade(&mut database.connect(), "heads").unwrap_err();
    let until = if is_exhausted { "'null'" } else { "NULL" };
    database.execute(&format!(
        "DELETE FROM migrate_checkpoint WHERE span > 0;
         UPDATE migrate_checkpoint SET position = '{frontier}', until = {until}, row_count = 60, token = 9 WHERE span = 0;
         UPDATE items SET text = '+' WHERE id <= {frontier}"
    ));
    for (span, state, position, until, rows) in pieces {
        let bound = until.map_or_else(|| "NULL".to_owned(), |until| format!("'{until}'"));
        let last = until.unwrap_or(i64::MAX);
        database.execute(&format!(
            "INSERT INTO migrate_checkpoint (revision, span, state, after, position, until, row_count, batch_size, token, worker)
             VALUES ('b1', {span}, '{state}', '0', '{position}', {bound}, {rows}, 10, 1, 'somebody');
             UPDATE items SET text = '' WHERE id > {position} AND id <= {last}"
        ));
    }
    database
}

fn rehearse(database: &Database, sample: u32) -> Rehearsal {
    history(Append::default()).rehearse_backfill(&mut database.connect(), "b1", rows(sample)).unwrap()
}

#[track_caller]
fn ids(rehearsal: &Rehearsal) -> Vec<i64> {
    let examples = examples(table(rehearsal, "items"));
    assert!(
        examples.iter().all(|line| line.ends_with(" text ''>'+'")),
        "none of those that are done: {examples:?}"
    );
    let id = |line: &String| line.trim_start_matches("Updated id=").split(':').next()?.parse().ok();
    let mut ids: Vec<i64> = examples.iter().filter_map(id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn the_pieces_that_were_left_and_what_was_not_handed_out_are_rehearsed() {
    let database = begun("239", false, &[(3, "ready", 11, Some(39), 6), (7, "ready", 161, Some(199), 1)]);
    let rehearsal = rehearse(&database, 100);
    assert_eq!((rehearsal.after.as_deref(), &*rehearsal.findings), (Some("11"), &[][..]));
    assert_eq!((rehearsal.rows, rehearsal.places), (100, 5));
    // 14 rows of one piece, 19 of the other, 80 that were not handed out; 67 are done.
    assert_eq!(rehearsal.to_do, Some(113));
    let ids = ids(&rehearsal);
    for part in [13..=39, 163..=199, 241..=399] {
        assert!(ids.iter().any(|id| part.contains(id)), "{part:?}: {ids:?}");
    }
    assert!(
        ids.iter().all(|id| [13..=39, 163..=199, 241..=399].iter().any(|part| part.contains(id))),
        "{ids:?}"
    );
    // And all of it is there for the next run.
    history(Append::default()).upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(texts(&database), ["+ 200"]);
}

#[test]
fn where_the_table_is_handed_out_the_pieces_are_all_there_is() {
    let database = begun("399", true, &[(3, "ready", 11, Some(39), 6), (8, "ready", 381, None, 1)]);
    let rehearsal = rehearse(&database, 100);
    assert_eq!((rehearsal.rows, rehearsal.ended, rehearsal.to_do), (23, Ended::AllRows, Some(23)));
    assert_eq!(ids(&rehearsal).len(), 23);
}

#[test]
fn what_somebody_is_at_work_on_is_left_to_them() {
    let database = begun("239", false, &[(3, "running", 11, Some(39), 6)]);
    let mut worker = database.connect();
    migrate_core::connection::Driver::batch(
        &mut worker,
        "BEGIN; SELECT 1 FROM items WHERE id BETWEEN 13 AND 39 FOR UPDATE",
    )
    .unwrap();
    let rehearsal = rehearse(&database, 100);
    assert_eq!((rehearsal.after.as_deref(), rehearsal.ended), (Some("239"), Ended::AllRows));
    assert_eq!((rehearsal.rows, rehearsal.to_do), (80, Some(94)));
    assert!(ids(&rehearsal).iter().all(|id| *id > 239));
}

#[test]
fn nothing_may_be_left_of_the_table() {
    let database = begun("399", true, &[]);
    let rehearsal = rehearse(&database, 100);
    assert_eq!((rehearsal.rows, rehearsal.ended), (0, Ended::AllRows));
    assert_eq!((rehearsal.tables.len(), rehearsal.projection), (0, None));
}
