use migrate_core::prelude::*;

/// Drop title from conversations
///
/// The application that is deployed does not read it any more. The definition stands here so that the way back
/// is known; what the titles were is not.
#[migration(revision = "d4a81e6f29b7", down_revision = "b30c9f57e6d2")]
pub struct DropTitleFromConversations;

impl Migration for DropTitleFromConversations {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_column("conversations", column("title", Text))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
