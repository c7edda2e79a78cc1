use migrate_core::prelude::*;

/// 01 add tokens
#[migration(revision = "aaa111", down_revision = "def456")]
pub struct AddTokens;

impl Migration for AddTokens {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
