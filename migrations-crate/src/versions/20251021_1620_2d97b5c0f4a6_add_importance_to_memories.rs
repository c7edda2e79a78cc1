use migrate_core::prelude::*;

/// Add importance to memories
///
/// The table is young and small: looking at its rows for the condition takes no time.
#[migration(revision = "2d97b5c0f4a6", down_revision = "a18c3e9d5b72")]
pub struct AddImportanceToMemories;

impl Migration for AddImportanceToMemories {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column(
            "memories",
            column("importance", Integer).not_null().default(0).check("importance BETWEEN 0 AND 10"),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_column("memories", "importance")
    }
}
