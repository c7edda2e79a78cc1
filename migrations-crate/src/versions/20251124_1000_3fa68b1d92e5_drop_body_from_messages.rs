use migrate_core::prelude::*;

/// Drop body from messages
///
/// The last of four: no release that runs reads or writes it. On the way back it holds what `content` does.
#[migration(
    revision = "3fa68b1d92e5",
    down_revision = "c7d20e5b8f14",
    allow(drop_column, reason = "no release that runs names body")
)]
pub struct DropBodyFromMessages;

impl Migration for DropBodyFromMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_column("messages", "body")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("messages", column("body", Text))?;
        cx.execute("UPDATE messages SET body = content")
    }
}
