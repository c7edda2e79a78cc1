use migrate_core::prelude::*;

/// Create memories: what a character remembers of a user
#[migration(revision = "a18c3e9d5b72", down_revision = "5f60d2b7e849", branch_labels = ["memory"])]
pub struct CreateMemories;

impl Migration for CreateMemories {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "CREATE TABLE memories (
                user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                character_id BIGINT NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
                topic TEXT NOT NULL,
                content TEXT NOT NULL,
                PRIMARY KEY (user_id, character_id, topic)
            )",
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE memories")
    }
}
