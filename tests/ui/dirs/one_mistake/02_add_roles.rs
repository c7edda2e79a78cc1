use migrate_core::prelude::*;

#[migration(revison = "def456")]
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
