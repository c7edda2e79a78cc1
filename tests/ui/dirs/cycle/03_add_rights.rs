use migrate_core::prelude::*;

/// 03 add rights
#[migration(revision = "cba321", down_revision = "def456")]
pub struct AddRights;

impl Migration for AddRights {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
