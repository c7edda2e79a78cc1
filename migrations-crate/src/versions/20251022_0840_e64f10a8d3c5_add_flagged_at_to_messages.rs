use migrate_core::prelude::*;

/// Add flagged_at to messages
///
/// The index holds the few flagged messages only: the moderators' queue asks for nothing else.
#[migration(revision = "e64f10a8d3c5", down_revision = "5f60d2b7e849", branch_labels = ["moderation"])]
pub struct AddFlaggedAtToMessages;

impl Migration for AddFlaggedAtToMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("messages", column("flagged_at", Timestamptz))?;
        cx.create_index(
            index("idx_messages_flagged_at").on("messages", ["flagged_at"]).filter("flagged_at IS NOT NULL"),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_index("idx_messages_flagged_at", "messages")?;
        cx.drop_column("messages", "flagged_at")
    }
}
