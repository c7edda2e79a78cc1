use migrate_core::prelude::*;

#[migration(revison = "abc123", revision = "abc123", author = "me")]
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
