//! I6 and I7: the state is read again under the lock; a failure says what was done, and the same command goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migrate_core::prelude::BodyError;
use migrate_core::runner::Error;
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Step};

on_each_server! {
    fn the_same_command_goes_on_where_the_last_one_stopped(database: &Database) {
        let broken = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&broken);
        let step = Step::new("c1").on(&["b1"]).up(move |_| {
            if told.load(Ordering::SeqCst) { Err(BodyError::new("the disk sings")) } else { Ok(()) }
        });
        let migrator =
            History::chain(&["a1", "b1"]).with(step).with(Step::new("d1").on(&["c1"])).migrator();
        let mut connection = database.connect();
        let error = migrator.upgrade(&mut connection, "heads").unwrap_err();
        assert_eq!(error.to_string(), "upgrade stopped at c1 after 2 of 4 steps");
        let Error::Stopped { report, revision, total: 4, .. } = error else { panic!("{error:?}") };
        assert_eq!(revision, "c1");
        let done: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
        assert_eq!(done, ["a1", "b1"]);
        assert_eq!(report.heads, ["b1"], "a report always names the heads");

        broken.store(false, Ordering::SeqCst);
        let report = migrator.upgrade(&mut connection, "heads").unwrap();
        let done: Vec<_> = report.steps.iter().map(|step| step.revision.as_str()).collect();
        assert_eq!(done, ["c1", "d1"]);
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1", "upgrade c1", "upgrade d1"]);
        assert_eq!(
            database.events(),
            ["upgrade a1", "upgrade b1", "failure c1", "upgrade c1", "upgrade d1"]
        );
        let detail = "SELECT detail FROM migrate_event WHERE kind = 'failure'";
        assert_eq!(database.one(detail), "the disk sings");
    }

    fn a_run_that_waited_plans_again(database: &Database) {
        // The second run makes its first plan before the first run is done, and must not do the work again.
        let slow = Step::new("a1").up(|cx| {
            std::thread::sleep(std::time::Duration::from_millis(500));
            cx.execute("CREATE TABLE t_a1 (id integer)")
        });
        let first = History::new().with(slow).with(Step::new("b1").on(&["a1"])).migrator();
        let second = History::chain(&["a1", "b1"]).migrator();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| first.upgrade(&mut database.connect(), "heads"));
            std::thread::sleep(std::time::Duration::from_millis(200));
            let second = second.upgrade(&mut database.connect(), "heads").unwrap();
            let first = first.join().unwrap().unwrap();
            assert_eq!(first.steps.len() + second.steps.len(), 2);
            assert_eq!(second.heads, ["b1"]);
        });
        assert_eq!(database.log(), ["upgrade a1", "upgrade b1"]);
    }
}
