use migrate_core::prelude::*;

/// Go right
#[migration(revision = "419470000003", down_revision = "ba5e00000001", branch_labels = ["right"])]
pub struct Right;

impl Migration for Right {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE right_side (id BIGINT)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE right_side")
    }
}
