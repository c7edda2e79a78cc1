use migrate_core::prelude::*;

/// Create conversation_summaries
#[migration(revision = "20251019_conv_summaries", down_revision = "20251011_baseline_v106")]
pub struct ConversationSummaries;

impl Migration for ConversationSummaries {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("conversation_summaries")
                .columns([
                    column("id", Serial).primary_key(),
                    column("user_id", varchar(255)).not_null(),
                    column("bot_name", varchar(100)).not_null(),
                    column("summary_text", Text).not_null(),
                    column("summary_type", varchar(50)).not_null().default("time_window"),
                    column("start_timestamp", Timestamp).not_null(),
                    column("end_timestamp", Timestamp).not_null(),
                    column("message_count", Integer).not_null(),
                    column("key_topics", array(custom("varchar"))),
                    column("emotional_tone", varchar(50)),
                    column("compression_ratio", Double),
                    column("confidence_score", Double).default("0.5"),
                    column("enrichment_version", varchar(20)).not_null().default("v1.0"),
                    column("created_at", Timestamp).not_null().default(now()),
                    column("updated_at", Timestamp).not_null().default(now()),
                ])
                .constraint(
                    unique(["user_id", "bot_name", "start_timestamp", "end_timestamp"])
                        .named("uq_conversation_summaries_window"),
                )
                .index("idx_conversation_summaries_user_bot", ["user_id", "bot_name"])
                .index("idx_conversation_summaries_time", ["start_timestamp", "end_timestamp"])
                .index("idx_conversation_summaries_created", ["created_at"])
                .with_index(index("idx_conversation_summaries_topics").keys(["key_topics"]).gin()),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
