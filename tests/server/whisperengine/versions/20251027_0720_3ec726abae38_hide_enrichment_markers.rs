use migrate_core::prelude::*;

use super::m_20251011_1401_untracked::{EVERY_FACT, facts_of_a_user};

/// Leave the enrichment's own markers out of the facts of a user
#[migration(revision = "3ec726abae38", down_revision = "9c23e4e81011")]
pub struct HideEnrichmentMarkers;

impl Migration for HideEnrichmentMarkers {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_function(facts_of_a_user(WITHOUT_MARKERS).replacing(EVERY_FACT))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

const WITHOUT_MARKERS: &str = "
BEGIN
    RETURN QUERY
    SELECT entity.entity_name, entity.category, fact.relationship_type, fact.confidence,
           fact.emotional_context, fact.mentioned_by_character,
           (SELECT count(*) FROM entity_relationships AS edge WHERE edge.from_entity_id = entity.id),
           fact.updated_at
    FROM user_fact_relationships AS fact
    JOIN fact_entities AS entity ON entity.id = fact.entity_id
    WHERE fact.user_id = p_user_id
      AND fact.confidence >= p_min_confidence
      AND (p_entity_type IS NULL OR entity.entity_type = p_entity_type)
      AND entity.entity_type <> '_processing_marker'
      AND NOT starts_with(fact.relationship_type, '_enrichment')
    ORDER BY fact.confidence DESC, fact.updated_at DESC
    LIMIT p_limit;
END;
";
