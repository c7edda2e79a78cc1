use migrate_core::operation::Column;
use migrate_core::prelude::*;

/// Create personality_traits, communication_styles and character_values
#[migration(revision = "9c23e4e81011", down_revision = "a71d62f22c10")]
pub struct PersonalityTables;

impl Migration for PersonalityTables {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("personality_traits")
                .columns([
                    column("id", Serial).primary_key(),
                    of_a_character(),
                    column("trait_name", varchar(50)).not_null(),
                    column("trait_value", decimal(3, 2)),
                    column("intensity", varchar(20)),
                    column("description", Text),
                ])
                .constraint(unique(["character_id", "trait_name"]))
                .index("idx_personality_traits_character", ["character_id"]),
        )?;
        cx.create_table(
            table("communication_styles")
                .columns([
                    column("id", Serial).primary_key(),
                    of_a_character(),
                    column("engagement_level", decimal(3, 2)),
                    column("formality", varchar(100)),
                    column("emotional_expression", decimal(3, 2)),
                    column("response_length", varchar(50)),
                    column("conversation_flow_guidance", Text),
                    column("ai_identity_handling", Text),
                ])
                .index("idx_communication_styles_character", ["character_id"]),
        )?;
        cx.create_table(
            table("character_values")
                .columns([
                    column("id", Serial).primary_key(),
                    of_a_character(),
                    column("value_key", varchar(100)).not_null(),
                    column("value_description", Text).not_null(),
                    column("importance_level", varchar(20)).default("medium"),
                    column("category", varchar(50)),
                ])
                .constraint(unique(["character_id", "value_key"]))
                .index("idx_character_values_character", ["character_id"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn of_a_character() -> Column {
    column("character_id", Integer).references("characters", "id").on_delete(Cascade)
}
