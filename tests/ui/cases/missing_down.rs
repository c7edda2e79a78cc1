use migrate_core::prelude::*;

#[migration(revision = "abc123")]
struct AddUsers;

impl Migration for AddUsers {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
