use std::collections::BTreeMap;

use diesel::prelude::*;
use migrate_core::bulk::bulk_upsert;
use migrate_core::connection::Driver as _;
use migrate_tests::backfills::rejected;
use migrate_tests::on_each_server;
use migrate_tests::real::quay::data::{account, insert, text, token};
use migrate_tests::real::quay::{BASE, ROBOTS, SecretKey, TOKENS, configure, migrator};
use migrate_tests::testkit::Database;

use self::schema::{accesstoken, account as accounts, robotaccounttoken};
use super::beside::{Write, upgrade_beside};
use super::killed::{SECRET_KEY, upgrade_killed};
use super::{FEW, ROWS, assert_same, downgrade, in_full, prepare, upgrade};
use crate::worker;

mod schema {
    diesel::table! {
        accesstoken (id) {
            id -> BigInt,
            code -> Nullable<Text>,
            token_name -> Nullable<Text>,
            token_code -> Nullable<Binary>,
        }
    }

    diesel::table! {
        account (id) {
            id -> BigInt,
            email -> Text,
            robot -> Bool,
        }
    }

    diesel::table! {
        robotaccounttoken (robot_account_id) {
            robot_account_id -> BigInt,
            token -> Binary,
        }
    }
}

const DONE: &str = "SELECT CAST(count(token_name) AS text) FROM accesstoken";

fn key() -> SecretKey {
    configure(SECRET_KEY.as_bytes().try_into().unwrap());
    SecretKey::configured().unwrap()
}

/// Each token as `id code name secret`, the secret decrypted.
fn tokens(database: &Database) -> Vec<String> {
    type Row = (i64, Option<String>, Option<String>, Option<Vec<u8>>);
    let rows: Vec<Row> = accesstoken::table.load(&mut database.connect()).unwrap();
    let key = key();
    let line = |(id, code, name, sealed): Row| match (name, sealed) {
        (None, None) => split_line(id, &code.unwrap_or_default(), None),
        (Some(name), Some(sealed)) => {
            let secret = key.open(&name, &sealed).expect("a secret that opens with its name");
            assert!(id % 100 > 0 || key.open("another name", &sealed).is_none());
            split_line(id, &code.unwrap_or_default(), Some((&name, &secret)))
        }
        half => panic!("{id} is split by half: {half:?}"),
    };
    rows.into_iter().map(line).collect()
}

fn split_line(id: i64, code: &str, split: Option<(&str, &str)>) -> String {
    let (name, secret) = split.unwrap_or(("-", "-"));
    format!("{id} {code} {name} {secret}")
}

fn expected(count: u32) -> BTreeMap<i64, String> {
    let line = |number| {
        let token = token(number);
        let split = token.split.as_ref().map(|(name, secret)| (name.as_str(), secret.as_str()));
        (token.id, split_line(token.id, &token.code, split))
    };
    (0..count).map(line).collect()
}

/// Each robot that has a token as `id password`, the token decrypted.
fn robots(database: &Database) -> Vec<String> {
    let rows: Vec<(i64, Vec<u8>)> = robotaccounttoken::table.load(&mut database.connect()).unwrap();
    let key = key();
    let open =
        |(id, sealed): (i64, Vec<u8>)| key.open(&id.to_string(), &sealed).map(|it| format!("{id} {it}"));
    rows.into_iter().map(|row| open(row).expect("a token that opens")).collect()
}

fn expected_robots(count: u32) -> BTreeMap<i64, String> {
    let robots = (0..count).map(account).filter(|it| it.robot && !it.email.is_empty());
    robots.map(|it| (it.id, format!("{} {}", it.id, it.email))).collect()
}

fn values(lines: BTreeMap<i64, String>) -> Vec<String> {
    lines.into_values().collect()
}

on_each_server! {
    fn each_token_is_split_and_its_secret_opens_with_its_name_alone(database: &Database) {
        key();
        prepare(database, &migrator(), BASE, insert, ROWS);
        upgrade(&migrator(), database, TOKENS).unwrap();
        assert_same(tokens(database), values(expected(ROWS)));
    }

    fn each_robot_has_its_password_encrypted(database: &Database) {
        key();
        prepare(database, &migrator(), BASE, insert, ROWS);
        database.execute("DELETE FROM accesstoken");
        upgrade(&migrator(), database, ROBOTS).unwrap();
        assert_same(robots(database), values(expected_robots(ROWS)));
        let accounts: Vec<(i64, String, bool)> = accounts::table.load(&mut database.connect()).unwrap();
        let unchanged = (0..ROWS).map(account).map(|it| format!("{} {} {}", it.id, it.email, it.robot));
        let accounts = accounts.into_iter().map(|(id, email, robot)| format!("{id} {email} {robot}"));
        assert_same(accounts.collect(), unchanged.collect());
    }

    fn a_process_that_is_killed_loses_no_secret(database: &Database) {
        prepare(database, &migrator(), BASE, insert, ROWS / 2);
        upgrade_killed(database, "quay", TOKENS, DONE);
        assert_same(tokens(database), values(expected(ROWS / 2)));
    }

    fn a_token_that_can_never_be_split_is_put_aside_and_not_tried_for_ever(database: &Database) {
        key();
        prepare(database, &migrator(), BASE, insert, FEW);
        upgrade(&migrator(), database, TOKENS).unwrap();
        assert_same(tokens(database), values(expected(FEW)));
        let bad: Vec<_> = (0..FEW).map(token).filter(|it| it.split.is_none()).collect();
        let rejected = rejected(database);
        assert_eq!(rejected.len(), bad.len());
        for (found, token) in rejected.iter().zip(bad) {
            assert!(found.starts_with(&format!("{} rejected 1 ", token.id)), "{found}");
            let why = if token.code.len() < 32 { "the code has 20 characters" } else { "unique" };
            assert!(found.to_lowercase().contains(why), "{found}");
            assert!(!found.contains(&token.code), "a secret: {found}");
        }
    }

    fn codes_that_the_old_code_changes_meanwhile_are_not_lost(database: &Database) {
        key();
        let rows = 20_000;
        prepare(database, &migrator(), BASE, insert, rows);
        let new_code = || text(&mut fastrand::Rng::new(), 64);
        // Two that write tokens which are done, and those that are not.
        let change = move |offset: u32| -> Write<(i64, Option<String>)> {
            Box::new(move |conn, number| {
                let (id, code) = (token((number * 7_920 + offset) % rows).id, new_code());
                conn.execute(&format!("UPDATE accesstoken SET code = $1 WHERE id = {id}"), &[Some(&code)]).unwrap();
                (id, Some(code))
            })
        };
        let make: Write<(i64, Option<String>)> = Box::new(move |conn, number| {
            let (id, code) = (i64::from(number * 7_919 % rows) * 3 + 2, new_code());
            let sql = format!("INSERT INTO accesstoken (id, code) VALUES ({id}, $1)");
            conn.execute(&sql, &[Some(&code)]).unwrap();
            (id, Some(code))
        });
        let delete: Write<(i64, Option<String>)> = Box::new(move |conn, number| {
            let id = token((number * 7_920 + 2) % rows).id;
            conn.execute(&format!("DELETE FROM accesstoken WHERE id = {id}"), &[]).unwrap();
            (id, None)
        });
        let visited = u64::from(rows) / 2;
        let written =
            upgrade_beside(database, migrator(), TOKENS, visited, vec![change(0), change(1), make, delete]);
        let mut lines = expected(rows);
        for (id, code) in written.into_iter().flatten() {
            match code {
                Some(code) => lines.insert(id, split_line(id, &code, Some(code.split_at(32)))),
                None => lines.remove(&id),
            };
        }
        assert_same(tokens(database), values(lines));
    }

    fn robots_that_somebody_else_writes_meanwhile_have_the_password_that_was_written_last(database: &Database) {
        key();
        let rows = 20_000;
        prepare(database, &migrator(), BASE, insert, rows);
        upgrade(&migrator(), database, TOKENS).unwrap();
        let robot = move |number: u32, class: u32| account((number * 35 + class) % rows);
        // The new code makes a token itself, and may be faster.
        let new_code: Write<(i64, String)> = Box::new(move |conn, number| {
            let it = robot(number, 1);
            let sealed = key().seal(&it.id.to_string(), &it.email).unwrap();
            bulk_upsert(robotaccounttoken::table, robotaccounttoken::robot_account_id, robotaccounttoken::token)
                .keep_existing()
                .rows([(it.id, sealed)])
                .execute(conn)
                .unwrap();
            (it.id, it.email)
        });
        let old_code: Write<(i64, String)> = Box::new(move |conn, number| {
            let (it, password) = (robot(number, 2), text(&mut fastrand::Rng::new(), 64));
            let sql = format!("UPDATE account SET email = $1 WHERE id = {}", it.id);
            conn.execute(&sql, &[Some(&password)]).unwrap();
            (it.id, password)
        });
        let visited = u64::from(rows) / 2;
        let written = upgrade_beside(database, migrator(), ROBOTS, visited, vec![new_code, old_code]);
        let mut lines = expected_robots(rows);
        for (id, password) in written.into_iter().flatten().filter(|(_, password)| !password.is_empty()) {
            lines.insert(id, format!("{id} {password}"));
        }
        assert_same(robots(database), values(lines));
    }

    fn without_a_key_nothing_is_written_and_no_row_is_blamed(database: &Database) {
        prepare(database, &migrator(), BASE, insert, FEW);
        let finished = worker::run(database.url(), &["--real", "quay", "upgrade", "heads"]);
        assert!(!finished.status.success(), "{}", finished.stdout);
        assert!(finished.stderr.contains("no secret key is configured"), "{}", finished.stderr);
        assert_eq!(database.one(DONE), "0");
        assert_eq!(rejected(database), [""; 0]);
    }

    fn plain_texts_stay_while_one_secret_is_nowhere_else(database: &Database) {
        key();
        prepare(database, &migrator(), BASE, insert, FEW);
        let refused = |why: &str| {
            let error = upgrade(&migrator(), database, "heads").unwrap_err();
            assert!(in_full(&error).to_lowercase().contains(why), "{}", in_full(&error));
            assert_same(robots(database), values(expected_robots(FEW)));
        };
        refused("null");
        assert_same(tokens(database), values(expected(FEW)));
        database.execute("DELETE FROM accesstoken WHERE token_name IS NULL");
        // The old code is still there.
        database.execute("UPDATE accesstoken SET code = 'x' || code WHERE id = 31");
        refused("accesstoken_is_split");
        database.execute("UPDATE accesstoken SET code = substr(code, 2) WHERE id = 31");
        refused("2 robots have no encrypted password");
        let kept = (0..FEW).map(token).filter(|it| it.split.is_some());
        let kept = kept.map(|it| format!("{} {}", it.id, it.code)).collect();
        assert_same(database.column("SELECT id || ' ' || code FROM accesstoken"), kept);
        database.execute("DELETE FROM account WHERE robot AND email = ''");
        upgrade(&migrator(), database, "heads").unwrap();
        assert_same(robots(database), values(expected_robots(FEW)));
        let plain = "SELECT CAST(count(*) AS text) FROM account WHERE robot AND email <> ''";
        assert_eq!(database.one(plain), "0");
    }

    fn a_downgrade_leaves_the_plain_texts_and_is_refused_once_they_are_erased(database: &Database) {
        key();
        prepare(database, &migrator(), BASE, insert, 500);
        upgrade(&migrator(), database, ROBOTS).unwrap();
        downgrade(&migrator(), database, BASE);
        let codes = database.column("SELECT id || ' ' || code FROM accesstoken");
        assert_same(codes, (0..500).map(token).map(|it| format!("{} {}", it.id, it.code)).collect());
        upgrade(&migrator(), database, "heads").unwrap();
        let error = migrator().downgrade(&mut database.connect(), "-1").unwrap_err();
        assert!(in_full(&error).contains("the plain texts of the secrets are erased"), "{}", in_full(&error));
    }
}
