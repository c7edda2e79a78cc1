use migrate_core::prelude::*;

// The table as this revision finds it, with the columns it needs. Never the application's own `schema.rs`:
// that one moves on, and this file has to compile and to mean the same for ever.
diesel::table! {
    users (id) {
        id -> BigInt,
        status -> Text,
    }
}

/// Turn status active into verified
///
/// `verified` is new with this revision, so the way back is exact.
#[migration(revision = "5f60d2b7e849", down_revision = "8e3d5a61c0f4")]
pub struct TurnStatusActiveIntoVerified;

impl Migration for TurnStatusActiveIntoVerified {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.data("turn active into verified", |connection| {
            diesel::update(users::table.filter(users::status.eq("active")))
                .set(users::status.eq("verified"))
                .execute(connection)?;
            Ok(())
        })
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.data("turn verified into active", |connection| {
            diesel::update(users::table.filter(users::status.eq("verified")))
                .set(users::status.eq("active"))
                .execute(connection)?;
            Ok(())
        })
    }
}
