use migrate_core::prelude::*;

#[migration(revison = "abc123", down_revision = ["a b", "a b"], transaction = 1)]
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

#[migration(revision = "base", irreversible = "")]
struct DropUsers;

impl IrreversibleMigration for DropUsers {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
