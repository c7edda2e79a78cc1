use migrate_core::prelude::*;

/// Go left
#[migration(revision = "1ef700000002", down_revision = "ba5e00000001", branch_labels = ["left"])]
pub struct Left;

impl Migration for Left {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE left_side (id BIGINT)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE left_side")
    }
}
