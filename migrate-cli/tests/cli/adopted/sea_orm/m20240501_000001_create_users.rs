use migrate_core::prelude::*;

/// create users
#[migration(revision = "m20240501_000001_create_users")]
pub struct CreateUsers;

impl Migration for CreateUsers {
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Err(unwritten("up() of theirs/m20240501_000001_create_users.rs"))
    }

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Err(unwritten(
            "down() of theirs/m20240501_000001_create_users.rs",
        ))
    }
}
