use migrate_core::prelude::*;

use super::mark;

/// Prepare the messages of chats for being read, now that all code writes them
///
/// Fails as long as a chat is not exploded, be it that it was put aside or that the old code has written it since.
#[migration(revision = "c6e0a1f48b35", down_revision = "8452d01d26d7")]
pub struct ReadChatMessages;

impl Migration for ReadChatMessages {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_constraint(
            "chat",
            check("coalesce(exploded, false) OR user_id LIKE 'shared-%'").named("chat_is_exploded"),
        )?;
        cx.drop_constraint("chat_is_exploded", "chat")?;
        // Easier built over rows that are there than kept up to date by each of them.
        cx.create_index(index("chat_message_model_idx").on("chat_message", ["model_id", "created_at"]))?;
        cx.create_index(index("chat_message_user_idx").on("chat_message", ["user_id", "created_at"]))?;
        mark::remove(cx)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        mark::add(cx, true)?;
        cx.drop_index("chat_message_user_idx", "chat_message")?;
        cx.drop_index("chat_message_model_idx", "chat_message")
    }
}
