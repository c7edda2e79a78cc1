use migrate_core::prelude::*;

/// Copy from a table that is not there
#[migration(revision = "fee100000003", down_revision = "fee100000002")]
pub struct Broken;

impl Migration for Broken {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("INSERT INTO accounts SELECT id FROM nowhere")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DELETE FROM accounts")
    }
}
