use migrate_core::prelude::*;

/// Create accounts
#[migration(revision = "fee100000001")]
pub struct Fine;

impl Migration for Fine {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE accounts (id BIGINT)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE accounts")
    }
}
