use migrate_core::prelude::*;

/// Create sessions
#[migration(revision = "a2", down_revision = "a1")]
pub struct CreateSessions;

impl Migration for CreateSessions {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE sessions (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE sessions")
    }
}
