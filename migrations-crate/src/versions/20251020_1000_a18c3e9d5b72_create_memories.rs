use migrate_core::prelude::*;

/// Create memories: what a character remembers of a user
#[migration(revision = "a18c3e9d5b72", down_revision = "5f60d2b7e849", branch_labels = ["memory"])]
pub struct CreateMemories;

impl Migration for CreateMemories {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("memories")
                .column(column("user_id", BigInt).not_null().references("users", "id").on_delete(Cascade))
                .column(
                    column("character_id", BigInt).not_null().references("characters", "id").on_delete(Cascade),
                )
                .column(column("topic", Text).not_null())
                .column(column("content", Text).not_null())
                .primary_key(["user_id", "character_id", "topic"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table("memories")
    }
}
