use migrate_core::prelude::*;

/// Drop the legacy JSON
#[migration(revision = "fee100000002", down_revision = "fee100000001", irreversible = "the legacy JSON is gone")]
pub struct Gone;

impl IrreversibleMigration for Gone {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE gone (id BIGINT)")
    }
}
