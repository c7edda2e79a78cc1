use migrate_core::prelude::*;

/// add email
#[migration(
    revision = "m20240502_000002_add_email",
    down_revision = "m20240501_000001_create_users",
    irreversible = "SeaORM had no way back"
)]
pub struct AddEmail;

impl IrreversibleMigration for AddEmail {
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Err(unwritten("up() of theirs/m20240502_000002_add_email.rs"))
    }
}
