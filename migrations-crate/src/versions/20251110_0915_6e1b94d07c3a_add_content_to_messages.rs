use migrate_core::prelude::*;

/// Add content to messages
///
/// The first of four revisions that put `content` in the place of `body` while the service runs; see
/// `docs/zero-downtime.md`. Nullable and without a default, so the release that runs goes on as it is.
#[migration(revision = "6e1b94d07c3a", down_revision = "d4a81e6f29b7")]
pub struct AddContentToMessages;

impl Migration for AddContentToMessages {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("messages", column("content", Text))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
