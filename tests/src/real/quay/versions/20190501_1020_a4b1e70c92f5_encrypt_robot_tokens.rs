use diesel::dsl::{exists, not};
use diesel::result::Error::QueryBuilderError;
use migrate_core::prelude::*;

use super::SecretKey;

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

diesel::allow_tables_to_appear_in_same_query!(account, robotaccounttoken);

/// Encrypt the passwords of robots
#[migration(revision = "a4b1e70c92f5", down_revision = "703298a825c2")]
pub struct EncryptRobotTokens;

/// The robots that have no encrypted token.
macro_rules! without_token {
    () => {{
        let token = robotaccounttoken::table.filter(robotaccounttoken::robot_account_id.eq(account::id));
        account::table.filter(account::robot.eq(true)).filter(not(exists(token)))
    }};
}

impl Backfill for EncryptRobotTokens {
    type Connection = super::Connection;
    type Key = i64;
    type Row = (i64, String);

    /// Locks the accounts, so that nobody gives a robot another password between its being read and encrypted.
    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<(i64, String)>> {
        SecretKey::configured().map_err(|error| QueryBuilderError(error.into()))?;
        let robots = without_token!().select((account::id, account::email));
        let robots = robots.filter(span.contains(account::id)).order(account::id).limit(span.limit());
        span.for_update(robots).load(conn)
    }

    fn key(&self, robot: &(i64, String)) -> i64 {
        robot.0
    }

    fn apply(&self, conn: &mut Self::Connection, robots: Vec<(i64, String)>) -> Result<()> {
        let key = SecretKey::configured()?;
        let tokens = robots.into_iter().map(|(id, password)| {
            if password.is_empty() {
                return Err(BodyError::new("the robot has no password"));
            }
            Ok((id, key.seal(&id.to_string(), &password)?))
        });
        // Where there is a token by now, the new code was faster, and what it wrote is right.
        bulk_upsert(robotaccounttoken::table, robotaccounttoken::robot_account_id, robotaccounttoken::token)
            .keep_existing()
            .rows(tokens.collect::<Result<Vec<_>>>()?)
            .execute(conn)
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        without_token!().count().get_result(conn)
    }

    /// The plain texts are still there.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DELETE FROM robotaccounttoken")
    }

    /// The old code still makes robots and gives them new passwords.
    fn rescans(&self) -> bool {
        true
    }

    fn max_rejected(&self) -> u64 {
        1_000
    }
}
