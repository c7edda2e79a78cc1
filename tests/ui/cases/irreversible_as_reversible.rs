use migrate_core::prelude::*;

#[migration(revision = "abc123", irreversible = "the old rows are gone")]
struct DropUsers;

impl Migration for DropUsers {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
