use migrate_core::prelude::*;

/// Baseline of version 1.0.6
#[migration(revision = "20251011_baseline_v106")]
pub struct BaselineV106;

impl Migration for BaselineV106 {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        create_users_and_characters(cx)?;
        create_character_definition(cx)?;
        create_relationships_and_facts(cx)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn create_users_and_characters(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("users")
            .columns([
                column("id", Serial).primary_key(),
                column("discord_user_id", varchar(50)).unique(),
                column("username", varchar(255)).not_null().unique(),
                column("display_name", varchar(255)),
                column("created_at", Timestamp).not_null().default(now()),
                column("updated_at", Timestamp).not_null().default(now()),
            ])
            .index("idx_users_discord", ["discord_user_id"])
            .index("idx_users_username", ["username"]),
    )?;
    cx.create_table(
        table("characters")
            .columns([
                column("id", Serial).primary_key(),
                column("name", varchar(255)).not_null().unique(),
                column("display_name", varchar(255)),
                column("character_version", varchar(50)),
                column("created_at", Timestamp).not_null().default(now()),
                column("updated_at", Timestamp).not_null().default(now()),
            ])
            .index("idx_characters_name", ["name"]),
    )
}

fn create_character_definition(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(table("character_identity").columns([
        column("id", Serial).primary_key(),
        column("character_id", Integer).not_null().unique().references("characters", "id").on_delete(Cascade),
        column("full_name", varchar(500)),
        column("nicknames", Text),
        column("age", Integer),
        column("occupation", varchar(500)),
        column("description", Text),
        column("created_at", Timestamp).not_null().default(now()),
    ]))?;
    cx.create_table(
        table("character_attributes")
            .columns([
                column("id", Serial).primary_key(),
                column("character_id", Integer).not_null().references("characters", "id").on_delete(Cascade),
                column("category", varchar(200)).not_null(),
                column("description", Text).not_null(),
                column("importance", varchar(100)),
                column("display_order", Integer),
                column("active", Bool).default(true),
                column("created_at", Timestamp).not_null().default(now()),
            ])
            .constraint(unique(["character_id", "category", "display_order"]))
            .index("idx_attributes_char_cat", ["character_id", "category"]),
    )?;
    cx.create_table(table("character_communication").columns([
        column("id", Serial).primary_key(),
        column("character_id", Integer).not_null().unique().references("characters", "id").on_delete(Cascade),
        column("tone", varchar(500)),
        column("humor_style", varchar(500)),
        column("conversation_pacing", varchar(500)),
        column("created_at", Timestamp).not_null().default(now()),
    ]))
}

fn create_relationships_and_facts(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("user_relationships")
            .columns([
                column("id", Serial).primary_key(),
                column("user_id", varchar(255)).not_null(),
                column("bot_name", varchar(100)).not_null(),
                column("affection", Double).not_null().default("0.0"),
                column("trust", Double).not_null().default("0.0"),
                column("attunement", Double).not_null().default("0.0"),
                column("first_interaction", Timestamp).not_null().default(now()),
                column("last_interaction", Timestamp).not_null().default(now()),
                column("interaction_count", Integer).not_null().default(0),
                column("created_at", Timestamp).not_null().default(now()),
                column("updated_at", Timestamp).not_null().default(now()),
            ])
            .constraint(unique(["user_id", "bot_name"]))
            .index("idx_relationships_user_bot", ["user_id", "bot_name"]),
    )?;
    cx.create_table(
        table("user_facts")
            .columns([
                column("id", Serial).primary_key(),
                column("user_id", varchar(255)).not_null(),
                column("bot_name", varchar(100)).not_null(),
                column("fact_type", varchar(100)).not_null(),
                column("fact_value", Text).not_null(),
                column("confidence", Double).not_null().default("1.0"),
                column("source", varchar(50)),
                column("created_at", Timestamp).not_null().default(now()),
                column("updated_at", Timestamp).not_null().default(now()),
            ])
            .index("idx_facts_user_bot", ["user_id", "bot_name"])
            .index("idx_facts_type", ["fact_type"]),
    )
}
