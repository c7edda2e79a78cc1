use migrate_core::operation::{Column, Table};
use migrate_core::prelude::*;

/// Create the caches of the strategic components
#[migration(revision = "954245770def", down_revision = "604332ba3c03")]
pub struct StrategicCaches;

impl Migration for StrategicCaches {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(memory_health())?;
        cx.create_table(character_performance())?;
        cx.create_table(personality_profiles())?;
        cx.create_table(conversation_patterns())?;
        cx.create_table(memory_behavior())?;
        cx.create_table(engagement_opportunities())
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn memory_health() -> Table {
    cache("strategic_memory_health")
        .columns([
            column("user_id", Text).not_null(),
            column("bot_name", Text).not_null(),
            column("memory_snapshot", Jsonb).not_null().comment("The freshest and the stalest memories"),
            column("avg_memory_age_hours", Double),
            column("retrieval_frequency_trend", Text).comment("Up, level or down"),
            column("forgetting_risk_memories", Jsonb).comment("Ids of memories about to be forgotten"),
            computed_at(),
            expires_at().comment("Five minutes after computed_at"),
        ])
        .constraint(unique(["user_id", "bot_name"]).named("uq_memory_health_user_bot"))
        .index("idx_memory_health_expires", ["expires_at"])
}

fn character_performance() -> Table {
    cache("strategic_character_performance")
        .columns([
            column("bot_name", Text).not_null(),
            column("time_window_hours", Integer).not_null().default(168).comment("A week unless said otherwise"),
            column("engagement_score_avg", Double),
            column("satisfaction_score_avg", Double),
            column("coherence_score_avg", Double),
            column("personality_consistency_index", Double).comment("0 to 1"),
            column("quality_trend", Text).comment("Better, level or worse"),
            column("recent_anomalies", Jsonb).comment("What looked wrong lately"),
            computed_at(),
            expires_at(),
        ])
        .constraint(unique(["bot_name", "time_window_hours"]).named("uq_character_perf_bot_window"))
        .index("idx_character_perf_expires", ["expires_at"])
}

fn personality_profiles() -> Table {
    cache("strategic_personality_profiles")
        .columns([
            column("user_id", Text).not_null(),
            column("bot_name", Text).not_null(),
            column("dominant_traits", Jsonb).comment("Traits, how often and how well they worked"),
            column("user_response_patterns", Jsonb).comment("What each trait does to the user"),
            column("adaptation_suggestions", Jsonb).comment("What to change"),
            column("trait_evolution_history", Jsonb).comment("The traits of the last thirty days"),
            computed_at(),
            expires_at(),
        ])
        .constraint(unique(["user_id", "bot_name"]).named("uq_personality_user_bot"))
        .index("idx_personality_expires", ["expires_at"])
}

fn conversation_patterns() -> Table {
    cache("strategic_conversation_patterns")
        .columns([
            column("user_id", Text).not_null(),
            column("bot_name", Text).not_null(),
            column("recent_topics", Jsonb).comment("Topics with their beginning and end"),
            column("avg_topic_duration_minutes", Double),
            column("context_switch_frequency", Double).comment("Changes of topic in an hour"),
            column("predicted_switch_likelihood", Double).comment("0 to 1"),
            column("topic_transition_graph", Jsonb).comment("Which topic follows which"),
            computed_at(),
            expires_at(),
        ])
        .constraint(unique(["user_id", "bot_name"]).named("uq_conv_patterns_user_bot"))
        .index("idx_conv_patterns_expires", ["expires_at"])
}

fn memory_behavior() -> Table {
    cache("strategic_memory_behavior")
        .columns([
            column("user_id", Text).not_null(),
            column("bot_name", Text).not_null(),
            column("forgetting_curve_params", Jsonb).comment("The parameters of the curve"),
            column("high_retention_memories", Jsonb).comment("What is well remembered"),
            column("low_retention_memories", Jsonb).comment("What is nearly forgotten"),
            column("recall_simulation_score", Double).comment("How much it is like a person's memory"),
            computed_at(),
            expires_at(),
        ])
        .constraint(unique(["user_id", "bot_name"]).named("uq_memory_behavior_user_bot"))
        .index("idx_memory_behavior_expires", ["expires_at"])
}

fn engagement_opportunities() -> Table {
    cache("strategic_engagement_opportunities")
        .columns([
            column("user_id", Text).not_null(),
            column("bot_name", Text).not_null(),
            column("optimal_timing_hours", Double).comment("How long after the last message to write"),
            column("receptivity_score", Double).comment("Whether the user would like it, 0 to 1"),
            column("suggested_topics", Jsonb).comment("What to write about"),
            column("last_engagement_gap_hours", Double),
            column("proactive_success_rate", Double).comment("How often it went well"),
            computed_at(),
            expires_at(),
        ])
        .constraint(unique(["user_id", "bot_name"]).named("uq_engagement_user_bot"))
        .index("idx_engagement_expires", ["expires_at"])
}

fn cache(name: &str) -> Table {
    table(name).column(column("id", Uuid).primary_key().default(random_uuid()))
}

fn computed_at() -> Column {
    column("computed_at", Timestamptz).not_null().default(now())
}

fn expires_at() -> Column {
    column("expires_at", Timestamptz).not_null()
}
