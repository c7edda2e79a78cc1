use migrate_core::prelude::*;

/// index email
#[migration(
    revision = "10",
    down_revision = "2",
    irreversible = "refinery had no way back"
)]
pub struct IndexEmail;

impl IrreversibleMigration for IndexEmail {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE INDEX users_email ON users (email);")
    }
}
