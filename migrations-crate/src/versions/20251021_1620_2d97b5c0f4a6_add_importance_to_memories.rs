use migrate_core::prelude::*;

/// Add importance to memories
#[migration(revision = "2d97b5c0f4a6", down_revision = "a18c3e9d5b72")]
pub struct AddImportanceToMemories;

impl Migration for AddImportanceToMemories {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "ALTER TABLE memories
             ADD COLUMN importance INTEGER NOT NULL DEFAULT 0 CHECK (importance BETWEEN 0 AND 10)",
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE memories DROP COLUMN importance")
    }
}
