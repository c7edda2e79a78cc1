use migrate_core::prelude::*;

/// Create users
#[migration(revision = "bf0000000001")]
pub struct CreateUsers;

impl Migration for CreateUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, email_copy TEXT)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE users")
    }
}
