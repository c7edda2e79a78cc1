use migrate_core::prelude::*;

/// Create character_question_templates
#[migration(revision = "1fd48f6d9650", down_revision = "untracked")]
pub struct CharacterQuestionTemplates;

impl Migration for CharacterQuestionTemplates {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("character_question_templates")
                .columns([
                    column("id", Serial).primary_key(),
                    column("character_id", Integer)
                        .not_null()
                        .references("characters", "id")
                        .on_delete(Cascade),
                    column("gap_type", varchar(50)).not_null(),
                    column("template_text", Text).not_null(),
                    column("personality_style", varchar(50)),
                    column("priority_order", Integer).not_null().default(1),
                    column("keywords", array(varchar(100))),
                    column("created_at", Timestamp).default(expression("CURRENT_TIMESTAMP")),
                    column("updated_at", Timestamp).default(expression("CURRENT_TIMESTAMP")),
                ])
                .constraint(
                    unique(["character_id", "gap_type", "template_text"]).named("uq_character_gap_template"),
                )
                .index("idx_character_question_templates_character_id", ["character_id"])
                .index("idx_character_question_templates_gap_type", ["gap_type"])
                .index("idx_character_question_templates_priority", ["priority_order"])
                .index("idx_character_question_templates_style", ["personality_style"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
