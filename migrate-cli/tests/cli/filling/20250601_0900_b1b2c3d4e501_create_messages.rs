use migrate_core::prelude::*;

/// Create messages
#[migration(revision = "b1b2c3d4e501")]
pub struct CreateMessages;

impl Migration for CreateMessages {
    type Connection = AnyConnection;

    fn up(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.execute("CREATE TABLE messages (id BIGINT PRIMARY KEY, body TEXT NOT NULL, meta TEXT, words BIGINT)")?;
        cx.execute("CREATE TABLE tags (message BIGINT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (message, tag))")
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.execute("DROP TABLE tags")?;
        cx.execute("DROP TABLE messages")
    }
}
