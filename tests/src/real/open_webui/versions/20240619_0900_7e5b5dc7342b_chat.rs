use migrate_core::prelude::*;

/// Create chats
#[migration(revision = "7e5b5dc7342b")]
pub struct CreateChats;

impl Migration for CreateChats {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("chat")
                .column(column("id", Text).primary_key())
                .column(column("user_id", Text).not_null())
                .column(column("chat", Json)),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
