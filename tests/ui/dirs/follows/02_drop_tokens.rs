use migrate_core::prelude::*;

/// 02 drop tokens
#[migration(revision = "bbb222", down_revision = "aaa111", irreversible = "gone")]
pub struct DropTokens;

impl IrreversibleMigration for DropTokens {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
