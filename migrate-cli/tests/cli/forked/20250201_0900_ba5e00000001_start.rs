use migrate_core::prelude::*;

/// Start
#[migration(revision = "ba5e00000001")]
pub struct Start;

impl Migration for Start {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE start (id BIGINT)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE start")
    }
}
