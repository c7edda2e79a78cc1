use migrate_core::prelude::*;

/// Make messages.content required
///
/// The third of four. `body` may be NULL from here on, for the release that no longer writes it.
#[migration(
    revision = "c7d20e5b8f14",
    down_revision = "91c5f2a83b6d",
    transaction = false,
    allow(drop_not_null, reason = "the release that writes both columns reads body as Nullable")
)]
pub struct MakeMessagesContentRequired;

impl Migration for MakeMessagesContentRequired {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.safely().set_not_null("messages", "content")?;
        cx.drop_not_null("messages", "body")
    }

    // For an emergency: what only the newer release has written is taken over first.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("UPDATE messages SET body = content WHERE body IS NULL")?;
        cx.safely().set_not_null("messages", "body")?;
        cx.drop_not_null("messages", "content")
    }
}
