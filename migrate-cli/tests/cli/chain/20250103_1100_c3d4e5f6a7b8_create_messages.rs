use migrate_core::prelude::*;

/// Create messages
#[migration(revision = "c3d4e5f6a7b8", down_revision = "b2c3d4e5f6a7", branch_labels = ["messages"])]
pub struct CreateMessages;

impl Migration for CreateMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE messages (id BIGINT PRIMARY KEY, body TEXT NOT NULL)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE messages")
    }
}
