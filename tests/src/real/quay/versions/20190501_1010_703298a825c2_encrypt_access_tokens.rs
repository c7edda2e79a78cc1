use diesel::result::Error::QueryBuilderError;
use diesel::sql_types::Nullable;
use migrate_core::prelude::*;

use super::SecretKey;

diesel::table! {
    accesstoken (id) {
        id -> BigInt,
        code -> Nullable<Text>,
        token_name -> Nullable<Text>,
        token_code -> Nullable<Binary>,
    }
}

diesel::define_sql_function! {
    fn substr(text: Nullable<Text>, from: Integer, count: Integer) -> Nullable<Text>;
}

/// So many characters of a code are the name, by which a token is found; the rest is the secret.
const NAME: i32 = 32;

/// Split the codes of access tokens into a name and an encrypted rest
///
/// The old code still makes tokens, gives them new codes and deletes them. What is left to do is what the rows
/// themselves say: a token whose name is not the beginning of its code.
#[migration(revision = "703298a825c2", down_revision = "c13c8052f7a6")]
pub struct EncryptAccessTokens;

/// The tokens whose name is not there, or that of a former code.
macro_rules! to_do {
    () => {{
        let name = substr(accesstoken::code, 1, NAME);
        let is_to_do = accesstoken::token_name.is_null().or(accesstoken::token_name.ne(name));
        accesstoken::table.filter(accesstoken::code.is_not_null()).filter(is_to_do)
    }};
}

impl Backfill for EncryptAccessTokens {
    type Connection = super::Connection;
    type Key = i64;
    type Row = (i64, String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<(i64, String)>> {
        // Without a key no row can be done. That is nobody's row's fault, which an error of `apply` would say.
        SecretKey::configured().map_err(|error| QueryBuilderError(error.into()))?;
        to_do!()
            .select((accesstoken::id, accesstoken::code.assume_not_null()))
            .filter(span.contains(accesstoken::id))
            .order(accesstoken::id)
            .limit(span.limit())
            .load(conn)
    }

    fn key(&self, token: &(i64, String)) -> i64 {
        token.0
    }

    /// Writes where the code still is what it was when it was read: encryption takes its time, and no lock is held
    /// for it. A token that was missed is still one to do, and visited again.
    fn apply(&self, conn: &mut Self::Connection, tokens: Vec<(i64, String)>) -> Result<()> {
        let key = SecretKey::configured()?;
        let rows = tokens.into_iter().map(|(id, code)| {
            let (name, secret) = split(&code)?;
            let sealed = key.seal(name, secret)?;
            Ok((id, (Some(name.to_owned()), Some(sealed)), Some(code)))
        });
        let _missed = bulk_update(
            accesstoken::table,
            accesstoken::id,
            (accesstoken::token_name, accesstoken::token_code),
        )
        .unchanged(accesstoken::code)
        .rows(rows.collect::<Result<Vec<_>>>()?)
        .execute(conn)?;
        Ok(())
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        to_do!().count().get_result(conn)
    }

    /// The plain texts are still there.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("UPDATE accesstoken SET token_name = NULL, token_code = NULL WHERE code IS NOT NULL")
    }

    fn rescans(&self) -> bool {
        true
    }

    fn max_rejected(&self) -> u64 {
        1_000
    }
}

fn split(code: &str) -> Result<(&str, &str)> {
    match code.split_at_checked(NAME.unsigned_abs() as usize) {
        Some((name, secret)) if !secret.is_empty() => Ok((name, secret)),
        _ => {
            let length = code.len();
            Err(BodyError::new(format_args!("the code has {length} characters, so nothing of it is secret")))
        }
    }
}
