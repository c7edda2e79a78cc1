use migrate_core::prelude::*;

/// Create users
#[migration(revision = "5a3b1e7d9c20")]
pub struct CreateUsers;

// `migrate_core::AnyConnection` and not `crate::Connection`: a doc test is no crate whose root we could write.
impl Migration for CreateUsers {
    type Connection = migrate_core::AnyConnection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(table("users").column(column("id", BigInt).identity().primary_key()))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table("users")
    }
}
