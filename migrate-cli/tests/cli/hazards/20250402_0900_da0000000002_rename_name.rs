use migrate_core::prelude::*;

/// Rename name
#[migration(revision = "da0000000002", down_revision = "da0000000001")]
pub struct RenameName;

impl Migration for RenameName {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.rename_column("users", "name", "full_name")?;
        cx.create_index(index("idx_users_full_name").on("users", ["full_name"]))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
