use migrate_core::prelude::*;

/// Add flagged_at to messages
///
/// The index holds the few flagged messages only: the moderators' queue asks for nothing else.
#[migration(revision = "e64f10a8d3c5", down_revision = "5f60d2b7e849", branch_labels = ["moderation"])]
pub struct AddFlaggedAtToMessages;

impl Migration for AddFlaggedAtToMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE messages ADD COLUMN flagged_at TIMESTAMPTZ")?;
        cx.execute("CREATE INDEX idx_messages_flagged_at ON messages (flagged_at) WHERE flagged_at IS NOT NULL")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP INDEX idx_messages_flagged_at")?;
        cx.execute("ALTER TABLE messages DROP COLUMN flagged_at")
    }
}
