use std::collections::BTreeMap;

use migrate_core::connection::Driver as _;
use migrate_tests::backfills::rejected;
use migrate_tests::on_each_server;
use migrate_tests::real::whisperengine::data::{ROWS as READ_ROWS, Style, insert, style};
use migrate_tests::real::whisperengine::{BACKFILL, BASE, migrator};
use migrate_tests::testkit::Database;

use super::beside::{Write, upgrade_beside};
use super::killed::upgrade_killed;
use super::{FEW, ROWS, assert_same, downgrade, in_full, prepare, upgrade};
use crate::worker;

const DONE: &str = "SELECT CAST(count(moved_guidance) AS text) FROM communication_styles";

fn expected(count: u32) -> Vec<String> {
    (0..count).flat_map(|number| style(number, 0).rows.unwrap_or_default()).collect()
}

fn texts(database: &Database) -> Vec<String> {
    database
        .column("SELECT character_id || coalesce(conversation_flow_guidance, '~') FROM communication_styles")
}

/// The styles that have no place in the tables, and what is said of each.
fn bad(count: u32) -> Vec<String> {
    let why = |number: u32| match number % 2_500 {
        205 => "neither JSON nor a Python literal: no value at character 0",
        606 => "neither JSON nor a Python literal: no `,` at character 37",
        1_007 => "`greeting` is no object",
        1_408 => {
            "`warm, measured, warm, measured, warm, measured, warm, measured, ` has more than 50 characters"
        }
        1_809 => "`avoid` is no list",
        _ => "the guidance is no object",
    };
    let bad = (0..count).map(|number| (number, style(number, 0))).filter(|(_, it)| it.rows.is_none());
    bad.map(|(number, it)| format!("{} rejected 1 {}", it.character, why(number))).collect()
}

on_each_server! {
    fn each_line_is_in_its_table_as_an_independent_computation_says(database: &Database) {
        prepare(database, &migrator(), BASE, insert, ROWS);
        upgrade(&migrator(), database, BACKFILL).unwrap();
        assert_same(database.column(READ_ROWS), expected(ROWS));
        let moved = "SELECT CAST(count(*) AS text) FROM communication_styles \
                     WHERE moved_guidance = conversation_flow_guidance OR (moved_guidance IS NULL \
                     AND coalesce(conversation_flow_guidance, '') = '')";
        assert_eq!(database.one(moved), (ROWS - ROWS / 2_500 * 6).to_string());
    }

    fn a_second_run_after_a_kill_finds_no_character_written_by_half(database: &Database) {
        prepare(database, &migrator(), BASE, insert, ROWS / 2);
        upgrade_killed(database, "whisperengine", BACKFILL, DONE);
        assert_same(database.column(READ_ROWS), expected(ROWS / 2));
        assert_same(rejected(database), bad(ROWS / 2));
    }

    fn a_text_that_is_no_literal_is_put_aside_and_never_run(database: &Database) {
        prepare(database, &migrator(), BASE, insert, FEW);
        let before = texts(database);
        upgrade(&migrator(), database, BACKFILL).unwrap();
        assert_same(rejected(database), bad(FEW));
        assert_same(database.column(READ_ROWS), expected(FEW));
        assert_same(texts(database), before);
    }

    fn the_texts_cannot_be_dropped_before_each_of_them_is_in_the_tables(database: &Database) {
        prepare(database, &migrator(), BASE, insert, FEW);
        // There is no way to the last revision but through the backfill, and it says that it failed.
        let finished = worker::run(database.url(), &["--real", "whisperengine", "upgrade", "drop_legacy_json"]);
        assert!(!finished.status.success(), "{}", finished.stdout);
        assert!(finished.stderr.contains("guidance_is_moved"), "{}", finished.stderr);
        assert!(database.ledger().contains(&format!("{BACKFILL} applied")), "{:?}", database.ledger());
        assert_eq!(texts(database).len(), FEW as usize);
        database.execute(
            "UPDATE communication_styles SET conversation_flow_guidance = NULL WHERE moved_guidance IS NULL",
        );
        upgrade(&migrator(), database, "heads").unwrap();
        assert_same(database.column(READ_ROWS), expected(FEW));
        let error = migrator().downgrade(&mut database.connect(), "-1").unwrap_err();
        assert!(in_full(&error).contains("the texts are erased"), "{}", in_full(&error));
    }

    fn texts_that_are_edited_meanwhile_are_in_the_tables_as_they_are_last(database: &Database) {
        let rows = 20_000;
        prepare(database, &migrator(), BASE, insert, rows);
        // What they write: characters that are done, and those that are not; each seventh text is taken away.
        let edit = move |class: u32| -> Write<(u32, Option<u32>)> {
            Box::new(move |conn, number| {
                let (it, changes) = (number * 7_920 % rows + class, number + 1);
                let style = style(it, changes);
                let text = style.text.filter(|_| number % 7 > 0);
                let changes = text.is_some().then_some(changes);
                let sql = format!(
                    "UPDATE communication_styles SET conversation_flow_guidance = $1 WHERE id = {}",
                    style.id
                );
                conn.execute(&sql, &[text.as_deref()]).unwrap();
                (it, changes)
            })
        };
        let visited = u64::from(rows) / 2;
        let written = upgrade_beside(database, migrator(), BACKFILL, visited, vec![edit(0), edit(1), edit(2)]);
        let mut versions: BTreeMap<u32, Option<u32>> = (0..rows).map(|it| (it, Some(0))).collect();
        versions.extend(written.into_iter().flatten());
        let styles = versions.into_iter().filter_map(|(it, changes)| Some(style(it, changes?)));
        let rows = |style: Style| style.rows.unwrap_or_default();
        assert_same(database.column(READ_ROWS), styles.flat_map(rows).collect());
    }

    fn the_downgrade_is_the_inverse_as_long_as_there_is_one(database: &Database) {
        prepare(database, &migrator(), BASE, insert, 200);
        let before = texts(database);
        upgrade(&migrator(), database, BACKFILL).unwrap();
        downgrade(&migrator(), database, BASE);
        assert_same(texts(database), before);
        assert!(!database.has_table("character_mode_guidance"));
        upgrade(&migrator(), database, "heads").unwrap();
        assert_same(database.column(READ_ROWS), expected(200));
    }
}
