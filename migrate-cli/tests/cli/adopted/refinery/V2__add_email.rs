use migrate_core::prelude::*;

/// add email
#[migration(
    revision = "2",
    down_revision = "1",
    irreversible = "refinery had no way back"
)]
pub struct AddEmail;

impl IrreversibleMigration for AddEmail {
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Err(unwritten("up() of theirs/V2__add_email.rs"))
    }
}
