use migrate_core::operation::{Column, Table};
use migrate_core::prelude::*;

/// Put the guidance of conversations into tables
#[migration(revision = "8b77eda62e71", down_revision = "1fd48f6d9650")]
pub struct ConversationFlowTables;

impl Migration for ConversationFlowTables {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        create_modes(cx)?;
        create_general_conversation(cx)?;
        create_response_style(cx)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn create_modes(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        numbered("character_conversation_modes")
            .columns([
                part_of("character_id", "characters"),
                column("mode_name", varchar(100)).not_null(),
                column("energy_level", varchar(50)),
                column("approach", Text),
                column("transition_style", Text),
                time("created_at"),
                time("updated_at"),
            ])
            .constraint(unique(["character_id", "mode_name"]))
            .index("idx_conversation_modes_character", ["character_id"]),
    )?;
    cx.create_table(
        numbered("character_mode_guidance")
            .columns([
                part_of("mode_id", "character_conversation_modes"),
                column("guidance_type", varchar(20)).not_null(),
                column("guidance_text", Text).not_null(),
                column("sort_order", Integer).not_null(),
                time("created_at"),
            ])
            .constraint(check("guidance_type IN ('avoid', 'encourage')").named("ck_guidance_type"))
            .index("idx_mode_guidance_mode", ["mode_id"]),
    )?;
    cx.create_table(
        numbered("character_mode_examples")
            .columns([
                part_of("mode_id", "character_conversation_modes"),
                column("example_text", Text).not_null(),
                column("example_type", varchar(50)),
                column("sort_order", Integer).not_null(),
                time("created_at"),
            ])
            .index("idx_mode_examples_mode", ["mode_id"]),
    )
}

fn create_general_conversation(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(numbered("character_general_conversation").columns([
        part_of("character_id", "characters").unique(),
        column("default_energy", varchar(50)),
        column("conversation_style", Text),
        column("transition_approach", Text),
        time("created_at"),
        time("updated_at"),
    ]))?;
    cx.create_table(
        numbered("character_response_patterns")
            .columns([
                part_of("general_conversation_id", "character_general_conversation"),
                column("pattern_name", varchar(100)),
                column("pattern_description", Text),
                column("sort_order", Integer).not_null(),
                time("created_at"),
            ])
            .index("idx_response_patterns_general", ["general_conversation_id"]),
    )
}

fn create_response_style(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(numbered("character_response_style").columns([
        part_of("character_id", "characters").unique(),
        time("created_at"),
        time("updated_at"),
    ]))?;
    cx.create_table(
        numbered("character_response_style_items")
            .columns([
                part_of("response_style_id", "character_response_style"),
                column("item_type", varchar(50)).not_null(),
                column("item_text", Text).not_null(),
                column("sort_order", Integer).not_null(),
                time("created_at"),
            ])
            .index("idx_response_style_items_style", ["response_style_id"]),
    )
}

fn numbered(name: &str) -> Table {
    table(name).column(column("id", Serial).primary_key())
}

fn part_of(name: &str, whole: &str) -> Column {
    column(name, Integer).not_null().references(whole, "id").on_delete(Cascade)
}

fn time(name: &str) -> Column {
    column(name, Timestamp).not_null().default(expression("CURRENT_TIMESTAMP"))
}
