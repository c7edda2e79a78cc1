use migrate_core::prelude::*;

/// 02 add roles
#[migration(revision = "def456", down_revision = "abc123")]
pub struct AddRoles;

impl Migration for AddRoles {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
