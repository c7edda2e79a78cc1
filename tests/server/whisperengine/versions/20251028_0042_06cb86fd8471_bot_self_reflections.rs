use migrate_core::prelude::*;

/// Create bot_self_reflections
#[migration(revision = "06cb86fd8471", down_revision = "3ec726abae38")]
pub struct BotSelfReflections;

impl Migration for BotSelfReflections {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("bot_self_reflections")
                .comment("What bots think of their own answers, found out later by the enrichment")
                .columns([
                    column("id", Uuid).primary_key().default(random_uuid()),
                    column("bot_name", varchar(100)).not_null().comment("The character"),
                    column("interaction_id", Uuid).comment("The exchange that it is about"),
                    column("user_id", varchar(255)).comment("The user's id on their platform"),
                    column("conversation_id", Uuid).comment("The conversation of the exchange"),
                    column("effectiveness_score", Double).comment("Did the answer help? 0 to 1"),
                    column("authenticity_score", Double).comment("Was it in character? 0 to 1"),
                    column("emotional_resonance", Double).comment("Did it reach the user? 0 to 1"),
                    column("learning_insight", Text).not_null().comment("What is learned from it"),
                    column("improvement_suggestion", Text).comment("What to do better"),
                    column("interaction_context", Text).comment("What was talked about"),
                    column("bot_response_preview", Text).comment("The beginning of the answer"),
                    column("trigger_type", varchar(50)).comment("Why the bot reflects"),
                    column("reflection_category", varchar(100)).comment("The kind of lesson"),
                    column("created_at", Timestamptz).not_null().default(now()),
                ])
                .index("idx_bot_self_reflections_bot_name", ["bot_name"])
                .index("idx_bot_self_reflections_user_id", ["user_id"])
                .index("idx_bot_self_reflections_created_at", ["created_at"])
                .index("idx_bot_self_reflections_trigger_type", ["trigger_type"])
                .index("idx_bot_self_reflections_category", ["reflection_category"])
                .index("idx_bot_self_reflections_scores", ["effectiveness_score", "authenticity_score"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
