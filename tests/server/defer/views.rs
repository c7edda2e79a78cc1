//! `status`, `plan` and scripts where there are backfills.

use migrate_core::offline::Gap;
use migrate_core::runner::{RevisionState, Status};
use migrate_tests::backfills::{Append, create_items, texts};
use migrate_tests::on_each_server;

use super::{around, deferring, plain, stopping_after};

/// What a status says of backfills, as `revision: (due), what it waits for, how far it is`.
fn said(status: &Status) -> Vec<String> {
    let words = |revision: &migrate_core::runner::RevisionStatus| {
        let due = if revision.is_due { "due" } else { "" };
        let filled = revision.filled.map(|filled| filled.to_string()).unwrap_or_default();
        format!("{}: {due}{}{filled}", revision.revision, revision.waits_for.join(" "))
    };
    status.deferred().map(words).collect()
}

on_each_server! {
    fn a_status_says_which_backfill_is_waited_for_and_how_far_it_is(database: &Database) {
        create_items(database, 95);
        let status = || plain().status(&mut database.connect()).unwrap();
        assert_eq!(said(&status()), Vec::<String>::new(), "where more is pending, a backfill is but one of many");
        deferring(plain()).upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(said(&status()), ["b1: due", "c1: b1", "d1: b1"]);
        let is_backfill = |revision: &&migrate_core::runner::RevisionStatus| revision.is_backfill;
        assert_eq!(status().revisions.iter().filter(is_backfill).count(), 1);

        stopping_after(3, plain()).upgrade(&mut database.connect(), "heads").unwrap_err();
        let half = status();
        assert_eq!(said(&half), ["b1: due30 of 95 rows", "c1: b1", "d1: b1"]);
        assert_eq!(half.in_state(RevisionState::Running).count(), 1);
        database.execute("UPDATE migrate_checkpoint SET state = 'paused' WHERE span = 0");
        assert_eq!(said(&status())[0], "b1: due30 of 95 rows, paused");

        database.execute("UPDATE migrate_checkpoint SET state = 'running', row_total = NULL WHERE span = 0");
        assert_eq!(said(&status())[0], "b1: due30 rows");
        plain().upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(said(&status()), Vec::<String>::new());
        assert!(status().is_current());
    }

    fn a_plan_tells_a_backfill_and_its_pace(database: &Database) {
        create_items(database, 95);
        let migrator = plain();
        let preview = migrator.preview_upgrade(&mut database.connect(), "c1").unwrap();
        let [_, backfill, _] = preview.steps.as_slice() else { panic!("{preview:?}") };
        let told = backfill.backfill.expect("a backfill");
        assert_eq!((told.pace, told.max_rejected, told.filled), (Append::default().pace, 0, None));
        assert!(backfill.operations.is_empty() && !backfill.transaction && !backfill.opaque);

        stopping_after(2, plain()).upgrade(&mut database.connect(), "c1").unwrap_err();
        let preview = migrator.preview_upgrade(&mut database.connect(), "c1").unwrap();
        let filled = preview.steps[0].backfill.and_then(|told| told.filled).expect("half done");
        assert_eq!(filled.rows, 20);

        let deferring = deferring(plain());
        let preview = deferring.preview_upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(preview.steps.iter().map(|step| step.revision.as_str()).collect::<Vec<_>>(), ["s1"]);
        assert_eq!(preview.plan.deferred.len(), 3);

        let down = migrator.preview_downgrade(&mut database.connect(), "a1").unwrap();
        assert!(down.steps[0].backfill.is_none() && down.steps[0].operations.len() == 1, "its `down` is operations");
    }

    fn a_script_stops_at_a_backfill_until_it_is_done(database: &Database) {
        create_items(database, 25);
        let migrator = || around(Append::default()).silent().migrator();
        let script = migrator().script_upgrade(database.dialect(), "c1").unwrap();
        assert_eq!(script.steps[1].gap, Some(Gap::Backfill));
        assert!(!script.is_complete());
        let text = script.to_string();
        assert!(text.contains("Run the program that holds it: backfill run b1\n"), "{text}");
        let said = database.try_script(&text).unwrap_err();
        assert_eq!((database.ledger(), texts(database)), (vec!["a1 applied".to_owned()], vec![" 25".to_owned()]), "{said}");

        // Half done is not done.
        stopping_after(1, migrator()).upgrade(&mut database.connect(), "b1").unwrap_err();
        let (_, rest) = text.split_once("-- 2 of 3: ").unwrap();
        let rest = format!("-- {rest}");
        database.try_script(&rest).unwrap_err();
        assert_eq!(database.ledger(), ["a1 applied", "b1 running"]);

        migrator().upgrade(&mut database.connect(), "b1").unwrap();
        database.try_script(&rest).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied", "c1 applied"]);
        assert_eq!(texts(database), ["+ 25"]);
    }

    fn a_script_that_defers_ends_with_what_is_left(database: &Database) {
        create_items(database, 5);
        let migrator = deferring(around(Append::default()).silent().migrator());
        let script = migrator.script_upgrade(database.dialect(), "heads").unwrap();
        assert!(script.is_complete());
        let text = script.to_string();
        let end = "\n-- Left for later: b1, a backfill\n-- Left for later: c1, after b1\n-- Left for later: d1, after b1\n";
        assert!(text.ends_with(end), "{text}");
        database.try_script(&text).unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "s1 applied"]);
        migrator.script_upgrade(database.dialect(), "c1").unwrap_err();
    }
}
