use migrate_core::prelude::*;

/// Baseline: users, characters, conversations, messages
///
/// The schema as it was when migrations were introduced. A database that already has these tables takes it as
/// done with `stamp 4b1f0c7a92de`; an empty one gets it like any other revision.
#[migration(revision = "4b1f0c7a92de")]
pub struct Baseline;

impl Migration for Baseline {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("users")
                .column(column("id", BigInt).identity().primary_key())
                .column(column("email", Text).not_null().unique())
                .column(column("name", Text).not_null())
                .column(column("status", Text).not_null().default("active"))
                .column(column("created_at", Timestamptz).not_null().default(now())),
        )?;
        cx.create_table(
            table("characters")
                .column(column("id", BigInt).identity().primary_key())
                .column(column("slug", Text).not_null().unique())
                .column(column("name", Text).not_null())
                .column(column("persona", Text).not_null().default("")),
        )?;
        cx.create_table(
            table("conversations")
                .column(column("id", BigInt).identity().primary_key())
                .column(column("user_id", BigInt).not_null().references("users", "id").on_delete(Cascade))
                .column(column("character_id", BigInt).not_null().references("characters", "id"))
                .column(column("title", Text))
                .column(column("started_at", Timestamptz).not_null().default(now()))
                .index("idx_conversations_user_id", ["user_id"])
                .index("idx_conversations_character_id", ["character_id"]),
        )?;
        cx.create_table(
            table("messages")
                .column(column("id", BigInt).identity().primary_key())
                .column(
                    column("conversation_id", BigInt)
                        .not_null()
                        .references("conversations", "id")
                        .on_delete(Cascade),
                )
                .column(column("role", Text).not_null().check("role IN ('user', 'character')"))
                .column(column("body", Text).not_null())
                .column(column("sent_at", Timestamptz).not_null().default(now()))
                .index("idx_messages_conversation_id_sent_at", ["conversation_id", "sent_at"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
