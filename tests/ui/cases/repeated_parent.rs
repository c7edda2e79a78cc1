use migrate_core::prelude::*;

#[migration(revision = "abc123", down_revision = ["def456", "def456", "abc123"], depends_on = "abc123", branch_labels = "abc123")]
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
