use migrate_core::prelude::*;

use super::mark;

/// Create the messages of chats
///
/// The mark says that the messages of a chat are in the table as its document has them.
#[migration(revision = "5b9d2c7e4a10", down_revision = "7e5b5dc7342b")]
pub struct CreateChatMessages;

impl Migration for CreateChatMessages {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("chat_message")
                .column(column("id", Text).primary_key())
                .column(column("chat_id", Text).not_null().references("chat", "id").on_delete(Cascade))
                .column(column("user_id", Text).not_null())
                .column(column("role", Text).not_null())
                .column(column("parent_id", Text))
                .column(column("content", Json))
                .column(column("output", Json))
                .column(column("model_id", Text))
                .column(column("files", Json))
                .column(column("sources", Json))
                .column(column("embeds", Json))
                .column(column("done", Boolean).not_null())
                .column(column("status_history", Json))
                .column(column("error", Json))
                .column(column("usage", Json))
                .column(column("created_at", BigInt).not_null())
                .column(column("updated_at", BigInt).not_null())
                .index("chat_message_chat_parent_idx", ["chat_id", "parent_id"]),
        )?;
        mark::add(cx, false)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
