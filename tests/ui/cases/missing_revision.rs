use migrate_core::prelude::*;

/// Add users
#[migration(down_revision = "def456")]
struct AddUsers;

impl Migration for AddUsers {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
