//! Access tokens and accounts as a registry has them, some of which no rule allows.

use fastrand::Rng;
use migrate_core::AnyConnection;
use migrate_core::bulk::bulk_insert;

use self::schema::{accesstoken, account};

mod schema {
    diesel::table! {
        account (id) {
            id -> BigInt,
            username -> Text,
            email -> Text,
            robot -> Bool,
        }
    }

    diesel::table! {
        accesstoken (id) {
            id -> BigInt,
            code -> Text,
            friendly_name -> Nullable<Text>,
        }
    }
}

/// An access token, and what has to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its key.
    pub id: i64,
    /// In plain text.
    pub code: String,
    /// Its name and its secret; `None` when it has to be put aside.
    pub split: Option<(String, String)>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its key.
    pub id: i64,
    /// Unique.
    pub username: String,
    /// The password, if it is a robot.
    pub email: String,
    /// Whether it is one.
    pub robot: bool,
}

/// Inserts the first `count` tokens and accounts.
///
/// # Panics
///
/// If that fails.
pub fn insert(conn: &mut AnyConnection, count: u32) {
    let tokens =
        (0..count).map(token).map(|token| (token.id, token.code, Some(format!("token {}", token.id))));
    bulk_insert(accesstoken::table, (accesstoken::id, accesstoken::code, accesstoken::friendly_name))
        .rows(tokens)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{error}"));
    let accounts = (0..count).map(account);
    bulk_insert(account::table, (account::id, account::username, account::email, account::robot))
        .rows(accounts.map(|it| (it.id, it.username, it.email, it.robot)))
        .execute(conn)
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The token of a number, always the same.
///
/// Of 2,500 one is from a time when codes were short, and one has the name of the one before.
#[must_use]
pub fn token(number: u32) -> Token {
    let mut random = Rng::with_seed(u64::from(number));
    let id = i64::from(number) * 3 + 1;
    match number % 2_500 {
        619 => Token { id, code: text(&mut random, 20), split: None },
        1_400 => {
            let name: String = token(number - 1).code.chars().take(32).collect();
            Token { id, code: name + &text(&mut random, 32), split: None }
        }
        _ => {
            let (name, length) = (text(&mut random, 32), random.usize(8..64));
            let secret = text(&mut random, length);
            Token { id, code: format!("{name}{secret}"), split: Some((name, secret)) }
        }
    }
}

/// The account of a number, always the same.
///
/// Each fifth is a person's. Of 2,500 robots about one has no password.
#[must_use]
pub fn account(number: u32) -> Account {
    let mut random = Rng::with_seed(u64::from(number) ^ 0xacc0);
    let id = i64::from(number) * 2 + 1;
    let (robot, username) = (!number.is_multiple_of(5), text(&mut random, 6));
    let username = if robot { format!("{username}+deploy{id}") } else { format!("{username}{id}") };
    let email = match (robot, number % 2_500) {
        (false, _) => format!("{username}@example.org"),
        (true, 1_777) => String::new(),
        (true, _) => text(&mut random, 64),
    };
    Account { id, username, email, robot }
}

/// Some letters and digits.
pub fn text(random: &mut Rng, length: usize) -> String {
    (0..length).map(|_| random.alphanumeric()).collect()
}
