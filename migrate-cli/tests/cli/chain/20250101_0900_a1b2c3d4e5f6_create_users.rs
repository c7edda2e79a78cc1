use migrate_core::prelude::*;

/// Create users
#[migration(revision = "a1b2c3d4e5f6")]
pub struct CreateUsers;

impl Migration for CreateUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE users")
    }
}
