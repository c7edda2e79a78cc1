use migrate_core::prelude::*;

/// index email
#[migration(
    revision = "20240503140000",
    down_revision = "20240502130000",
    transaction = false
)]
pub struct IndexEmail;

impl Migration for IndexEmail {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "
-- no-transaction
CREATE INDEX users_email ON users (email);
",
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP INDEX users_email;")
    }
}
