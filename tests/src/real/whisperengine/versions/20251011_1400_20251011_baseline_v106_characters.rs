use migrate_core::prelude::*;

/// Create characters and their styles
#[migration(revision = "20251011_baseline_v106")]
pub struct CreateCharacters;

impl Migration for CreateCharacters {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("characters")
                .column(column("id", BigInt).primary_key())
                .column(column("normalized_name", varchar(200)).not_null().unique()),
        )?;
        cx.create_table(
            table("communication_styles")
                .column(column("id", BigInt).primary_key())
                .column(
                    column("character_id", BigInt)
                        .not_null()
                        .unique()
                        .references("characters", "id")
                        .on_delete(Cascade),
                )
                .column(column("conversation_flow_guidance", Text)),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
