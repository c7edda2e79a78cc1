use migrate_core::prelude::*;

/// Drop old
#[migration(
    revision = "da0000000003",
    down_revision = "da0000000002",
    allow(drop_column, reason = "no release has read it since 2.3")
)]
pub struct DropOld;

impl Migration for DropOld {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_column("users", column("old", Text))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
