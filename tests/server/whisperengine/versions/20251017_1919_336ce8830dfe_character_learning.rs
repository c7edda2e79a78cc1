use migrate_core::prelude::*;

/// Keep what a character learns
#[migration(revision = "336ce8830dfe", down_revision = "emoji_personality_cols")]
pub struct CharacterLearning;

impl Migration for CharacterLearning {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        create_insights(cx)?;
        create_insight_relationships(cx)?;
        create_learning_timeline(cx)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn create_insights(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("character_insights")
            .columns([
                column("id", Serial).primary_key(),
                column("character_id", Integer).not_null().references("characters", "id").on_delete(Cascade),
                column("insight_type", varchar(50)).not_null(),
                column("insight_content", Text).not_null(),
                column("confidence_score", Double).not_null(),
                column("discovery_date", Timestamptz).not_null().default(expression("CURRENT_TIMESTAMP")),
                column("conversation_context", Text),
                column("importance_level", Integer).not_null().default(5),
                column("emotional_valence", Double),
                column("triggers", array(Text)),
                column("supporting_evidence", array(Text)),
            ])
            .constraint(unique(["character_id", "insight_content"]).named("uq_character_insight_content"))
            .index("idx_character_insights_character_id", ["character_id"])
            .index("idx_character_insights_insight_type", ["insight_type"])
            .index("idx_character_insights_discovery_date", ["discovery_date"])
            .index("idx_character_insights_confidence_score", ["confidence_score"])
            .index("idx_character_insights_importance_level", ["importance_level"]),
    )
}

fn create_insight_relationships(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    let insight =
        |name: &str| column(name, Integer).not_null().references("character_insights", "id").on_delete(Cascade);
    cx.create_table(
        table("character_insight_relationships")
            .columns([
                column("id", Serial).primary_key(),
                insight("from_insight_id"),
                insight("to_insight_id"),
                column("relationship_type", varchar(50)).not_null(),
                column("strength", Double).not_null().default(0.5),
                column("created_date", Timestamptz).not_null().default(expression("CURRENT_TIMESTAMP")),
            ])
            .constraint(
                unique(["from_insight_id", "to_insight_id", "relationship_type"])
                    .named("uq_insight_relationship"),
            )
            .index("idx_char_insight_rel_from_id", ["from_insight_id"])
            .index("idx_char_insight_rel_to_id", ["to_insight_id"])
            .index("idx_char_insight_rel_type", ["relationship_type"]),
    )
}

fn create_learning_timeline(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("character_learning_timeline")
            .columns([
                column("id", Serial).primary_key(),
                column("character_id", Integer).not_null().references("characters", "id").on_delete(Cascade),
                column("learning_event", Text).not_null(),
                column("learning_type", varchar(50)).not_null(),
                column("before_state", Text),
                column("after_state", Text),
                column("trigger_conversation", Text),
                column("learning_date", Timestamptz).not_null().default(expression("CURRENT_TIMESTAMP")),
                column("significance_score", Double),
            ])
            .index("idx_char_learning_timeline_character_id", ["character_id"])
            .index("idx_char_learning_timeline_learning_date", ["learning_date"])
            .index("idx_char_learning_timeline_learning_type", ["learning_type"])
            .index("idx_char_learning_timeline_significance", ["significance_score"]),
    )
}
