use migrate_core::prelude::*;

#[migration(
    revision = abc123,
    down_revision = [],
    depends_on = [1],
    branch_labels,
    message("add users"),
    transaction = "no",
    irreversible = " "
)]
struct AddUsers;

impl IrreversibleMigration for AddUsers {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
