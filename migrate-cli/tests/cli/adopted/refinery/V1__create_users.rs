use migrate_core::prelude::*;

/// create users
#[migration(revision = "1", irreversible = "refinery had no way back")]
pub struct CreateUsers;

impl IrreversibleMigration for CreateUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);")
    }
}
