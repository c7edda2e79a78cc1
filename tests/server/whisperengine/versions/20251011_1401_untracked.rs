use migrate_core::operation::{Column, Function, Table};
use migrate_core::prelude::*;

/// What the original history takes for granted and no revision of it creates
#[migration(revision = "untracked", down_revision = "20251011_baseline_v106")]
pub struct Untracked;

impl Migration for Untracked {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("characters", column("normalized_name", varchar(200)).not_null().unique())?;
        cx.create_table(
            table("universal_users")
                .columns([
                    column("universal_id", varchar(255)).primary_key(),
                    column("primary_username", varchar(255)).not_null(),
                    column("display_name", varchar(255)),
                    column("email", varchar(255)),
                    column("created_at", Timestamp).not_null().default(expression("CURRENT_TIMESTAMP")),
                    column("last_active", Timestamp).not_null().default(expression("CURRENT_TIMESTAMP")),
                    column("preferences", Text).default("{}"),
                    column("privacy_settings", Text).default("{}"),
                ])
                .index("idx_universal_users_email", ["email"])
                .index("idx_universal_users_username", ["primary_username"]),
        )?;
        cx.create_table(five_dimensions())?;
        create_fact_entities(cx)?;
        create_user_facts(cx)?;
        create_entity_relationships(cx)?;
        cx.create_function(facts_of_a_user(EVERY_FACT))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

/// The first form of `character_emotional_states`: five dimensions in a JSON document.
pub(super) fn five_dimensions() -> Table {
    let user = ["character_name", "user_id"];
    table("character_emotional_states")
        .columns([
            column("id", Serial).primary_key(),
            column("character_name", varchar(100)).not_null(),
            column("user_id", varchar(100)).not_null(),
            column("state_data", Json).not_null(),
            column("last_updated", Timestamptz).not_null().default(now()),
            column("created_at", Timestamptz).not_null().default(now()),
        ])
        .index("idx_character_emotional_states_last_updated", ["last_updated"])
        .index("idx_character_emotional_states_lookup", user)
        .index("ix_character_emotional_states_character_name", ["character_name"])
        .index("ix_character_emotional_states_user_id", ["user_id"])
        .with_index(index("unique_character_user_state").keys(user).unique())
}

fn create_fact_entities(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("fact_entities")
            .columns([
                column("id", Uuid).primary_key().default(random_uuid()),
                column("entity_type", Text).not_null(),
                column("entity_name", Text).not_null(),
                column("category", Text),
                column("subcategory", Text),
                column("attributes", Jsonb).default("{}"),
                column("search_vector", TsVector).generated(
                    "to_tsvector('english', coalesce(entity_name, '') || ' ' || coalesce(category, '') || ' ' \
                     || coalesce(subcategory, '') || ' ' || coalesce(attributes ->> 'tags', ''))",
                ),
                column("created_at", Timestamp).default(now()),
                column("updated_at", Timestamp).default(now()),
            ])
            .constraint(unique(["entity_type", "entity_name"]))
            .with_index(index("idx_fact_entities_attributes").keys(["attributes"]).gin())
            .with_index(index("idx_fact_entities_search").keys(["search_vector"]).gin())
            .index("idx_fact_entities_category", ["entity_type", "category"]),
    )
}

fn create_user_facts(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    cx.create_table(
        table("user_fact_relationships")
            .columns([
                column("id", Uuid).primary_key().default(random_uuid()),
                column("user_id", varchar(255))
                    .not_null()
                    .references("universal_users", "universal_id")
                    .on_delete(Cascade),
                column("entity_id", Uuid).not_null().references("fact_entities", "id").on_delete(Cascade),
                column("relationship_type", Text)
                    .not_null()
                    .check("length(relationship_type) > 0 AND length(relationship_type) <= 50"),
                share("confidence"),
                share("strength"),
                column("emotional_context", Text),
                column("context_metadata", Jsonb).default("{}"),
                column("source_conversation_id", Text),
                column("mentioned_by_character", Text),
                column("source_platform", Text).default("discord"),
                column("related_entities", Jsonb).default("[]"),
                column("created_at", Timestamp).default(now()),
                column("updated_at", Timestamp).default(now()),
            ])
            .constraint(unique(["user_id", "entity_id", "relationship_type"]))
            .with_index(
                index("idx_user_facts_lookup").keys([
                    key("user_id"),
                    key("confidence").desc(),
                    key("updated_at").desc(),
                ]),
            )
            .with_index(index("idx_user_facts_related").keys(["related_entities"]).gin()),
    )
}

fn create_entity_relationships(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    let kinds = "'similar_to', 'part_of', 'category_of', 'related_to', 'opposite_of', 'requires'";
    cx.create_table(
        table("entity_relationships")
            .columns([
                column("id", Uuid).primary_key().default(random_uuid()),
                column("from_entity_id", Uuid).not_null().references("fact_entities", "id").on_delete(Cascade),
                column("to_entity_id", Uuid).not_null().references("fact_entities", "id").on_delete(Cascade),
                column("relationship_type", Text)
                    .not_null()
                    .check(format!("relationship_type IN ({kinds})")),
                share("weight"),
                column("bidirectional", Bool).default(false),
                column("metadata", Jsonb).default("{}"),
                column("created_at", Timestamp).default(now()),
            ])
            .constraint(unique(["from_entity_id", "to_entity_id", "relationship_type"]))
            .constraint(check("from_entity_id <> to_entity_id"))
            .with_index(
                index("idx_entity_rel_forward").keys([key("from_entity_id"), key("weight").desc()]),
            ),
    )
}

/// A number from 0 to 1.
fn share(name: &str) -> Column {
    column(name, Double).default(0.5).check(format!("{name} >= 0 AND {name} <= 1"))
}

/// The function that lists what is known of a user, with a body.
pub(super) fn facts_of_a_user(body: &str) -> Function {
    function(
        "get_user_facts_with_relations",
        "p_user_id varchar(255), p_entity_type text DEFAULT NULL, p_min_confidence float DEFAULT 0.5, \
         p_limit int DEFAULT 20",
    )
    .returns(
        "TABLE (entity_name text, entity_category text, relationship_type text, confidence float, \
         emotional_context text, mentioned_by_character text, related_entities_count bigint, \
         last_updated timestamp)",
    )
    .language("plpgsql")
    .body(body)
}

pub(super) const EVERY_FACT: &str = "
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
    ORDER BY fact.confidence DESC, fact.updated_at DESC
    LIMIT p_limit;
END;
";
