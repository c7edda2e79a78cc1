use migrate_core::operation::{Column, Table};
use migrate_core::prelude::*;

/// Put the guidance of conversations into tables
///
/// `moved_guidance` is the text as it is in the tables; where it differs from the text of the character, there is
/// something to do. So no writer has to know of it, and none can be overlooked.
#[migration(revision = "8b77eda62e71", down_revision = "20251011_baseline_v106")]
pub struct ConversationFlowTables;

impl Migration for ConversationFlowTables {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("communication_styles", column("moved_guidance", Text))?;
        for table in [modes(), guidance(), examples(), general(), patterns(), style(), style_items()] {
            cx.create_table(table)?;
        }
        Ok(())
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

fn modes() -> Table {
    numbered("character_conversation_modes")
        .columns([
            part_of("character_id", "characters"),
            column("mode_name", varchar(100)).not_null(),
            column("energy_level", varchar(50)),
            column("approach", Text),
            column("transition_style", Text),
        ])
        .constraint(unique(["character_id", "mode_name"]))
}

fn guidance() -> Table {
    numbered("character_mode_guidance")
        .columns([
            part_of("mode_id", "character_conversation_modes"),
            column("guidance_type", varchar(20)).not_null(),
            column("guidance_text", Text).not_null(),
            column("sort_order", Integer).not_null(),
        ])
        .constraint(check("guidance_type IN ('avoid', 'encourage')").named("ck_guidance_type"))
        .index("idx_mode_guidance_mode", ["mode_id"])
}

fn examples() -> Table {
    numbered("character_mode_examples")
        .columns([
            part_of("mode_id", "character_conversation_modes"),
            column("example_text", Text).not_null(),
            column("sort_order", Integer).not_null(),
        ])
        .index("idx_mode_examples_mode", ["mode_id"])
}

fn general() -> Table {
    numbered("character_general_conversation").columns([
        part_of("character_id", "characters").unique(),
        column("default_energy", varchar(50)),
        column("conversation_style", Text),
        column("transition_approach", Text),
    ])
}

fn patterns() -> Table {
    numbered("character_response_patterns")
        .columns([
            part_of("general_conversation_id", "character_general_conversation"),
            column("pattern_name", varchar(100)),
            column("pattern_description", Text),
            column("sort_order", Integer).not_null(),
        ])
        .index("idx_response_patterns_general", ["general_conversation_id"])
}

fn style() -> Table {
    numbered("character_response_style").column(part_of("character_id", "characters").unique())
}

fn style_items() -> Table {
    numbered("character_response_style_items")
        .columns([
            part_of("response_style_id", "character_response_style"),
            column("item_type", varchar(50)).not_null(),
            column("item_text", Text).not_null(),
            column("sort_order", Integer).not_null(),
        ])
        .index("idx_response_style_items_style", ["response_style_id"])
}

fn numbered(name: &str) -> Table {
    table(name).column(column("id", BigInt).identity().primary_key())
}

fn part_of(name: &str, whole: &str) -> Column {
    column(name, BigInt).not_null().references(whole, "id").on_delete(Cascade)
}
