use migrate_core::prelude::*;

/// add email
#[migration(
    revision = "20240502130000",
    down_revision = "20240501120000",
    irreversible = "sqlx had no way back"
)]
pub struct AddEmail;

impl IrreversibleMigration for AddEmail {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE users ADD COLUMN email TEXT;")
    }
}
