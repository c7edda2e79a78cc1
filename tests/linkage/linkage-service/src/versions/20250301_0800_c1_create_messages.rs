use migrate_core::prelude::*;

/// Create messages
#[migration(revision = "c1", down_revision = "a2")]
pub struct CreateMessages;

impl Migration for CreateMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE messages")
    }
}
