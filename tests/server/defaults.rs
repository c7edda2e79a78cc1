//! Defaults that the server computes for each row.

use migrate_core::prelude::{Context, Integer, Uuid, column, random_uuid, table};
use migrate_core::{AnyConnection, Result};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Step};

on_each_server! {
    fn each_row_gets_a_random_uuid_of_its_own(database: &Database) {
        History::new().with(Step::new("a1").up(create_tokens)).migrator()
            .upgrade(&mut database.connect(), "heads")
            .unwrap();
        for number in 0..50 {
            database.execute(&format!("INSERT INTO tokens (number) VALUES ({number})"));
        }
        let ids = database.column("SELECT DISTINCT CAST(id AS text) FROM tokens");
        assert_eq!(ids.len(), 50);
        for id in ids {
            assert!(is_random_uuid(&id), "{id}");
        }
    }
}

fn create_tokens(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    cx.create_table(
        table("tokens")
            .column(column("id", Uuid).primary_key().default(random_uuid()))
            .column(column("number", Integer).not_null()),
    )
}

/// Whether a text is a UUID of version 4, variant 1 (RFC 9562), in lower case.
fn is_random_uuid(text: &str) -> bool {
    let digit = |character: char| matches!(character, '0'..='9' | 'a'..='f');
    text.len() == 36
        && text.chars().enumerate().all(|(place, character)| match place {
            8 | 13 | 18 | 23 => character == '-',
            14 => character == '4',
            19 => matches!(character, '8' | '9' | 'a' | 'b'),
            _ => digit(character),
        })
}
