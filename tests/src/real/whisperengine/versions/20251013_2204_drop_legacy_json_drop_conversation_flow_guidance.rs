use migrate_core::prelude::*;

/// Drop communication_styles.conversation_flow_guidance
///
/// The constraint is the gate: it fails, and nothing is dropped, as long as a single text is not in the tables, one
/// that was put aside among them.
#[migration(
    revision = "drop_legacy_json",
    down_revision = "d1f7a03c5e68",
    irreversible = "the texts are erased; the tables have what they said, but not how"
)]
pub struct DropConversationFlowGuidance;

impl IrreversibleMigration for DropConversationFlowGuidance {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        let moved = "coalesce(conversation_flow_guidance, '') = coalesce(moved_guidance, '')";
        cx.add_constraint("communication_styles", check(moved).named("guidance_is_moved"))?;
        cx.drop_constraint("guidance_is_moved", "communication_styles")?;
        cx.drop_column("communication_styles", "moved_guidance")?;
        cx.drop_column("communication_styles", "conversation_flow_guidance")
    }
}
