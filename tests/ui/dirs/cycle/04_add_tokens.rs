use migrate_core::prelude::*;

/// 04 add tokens
#[migration(revision = "fff000", down_revision = "cba321")]
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
