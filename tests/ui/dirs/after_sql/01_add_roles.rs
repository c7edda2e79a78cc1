use migrate_core::prelude::*;

/// Add roles
#[migration(revision = "abc123", down_revision = "20240101")]
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
