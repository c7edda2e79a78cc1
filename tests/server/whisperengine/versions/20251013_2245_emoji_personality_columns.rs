use migrate_core::prelude::*;

/// Add the emoji settings to characters
#[migration(revision = "emoji_personality_cols", down_revision = "8b77eda62e71")]
pub struct EmojiPersonalityColumns;

impl Migration for EmojiPersonalityColumns {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        add_columns(cx)?;
        cx.data("give the known characters their settings", set_known_characters)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(add_columns)
    }
}

fn add_columns(cx: &mut Context<'_, super::Connection>) -> Result<()> {
    let setting = |name: &str, default: &str, comment: &str| {
        column(name, varchar(50)).not_null().default(default).comment(comment)
    };
    cx.alter_table("characters", |characters| {
        characters
            .add_column(setting("emoji_frequency", "moderate", "From none to high, or selective_symbolic"))
            .add_column(setting("emoji_style", "general", "The flavour: warm, mystical, technical"))
            .add_column(setting("emoji_combination", "text_with_accent_emoji", "Beside text or in its place"))
            .add_column(setting("emoji_placement", "end_of_message", "Where in a message"))
            .add_column(setting("emoji_age_demographic", "millennial", "The age group whose habits they are"))
            .add_column(
                column("emoji_cultural_influence", varchar(100))
                    .not_null()
                    .default("general")
                    .comment("The culture that they are taken from"),
            );
    })
}

diesel::table! {
    characters (normalized_name) {
        normalized_name -> Text,
        emoji_frequency -> Text,
        emoji_style -> Text,
        emoji_combination -> Text,
        emoji_placement -> Text,
        emoji_age_demographic -> Text,
        emoji_cultural_influence -> Text,
    }
}

/// Name, frequency, style, combination, placement, age group, culture.
#[rustfmt::skip]
const KNOWN: [[&str; 7]; 9] = [
    ["elena", "high", "warm_expressive", "text_plus_emoji", "integrated_throughout", "millennial", "latina_warm"],
    ["dream", "selective_symbolic", "mystical_ancient", "minimal_symbolic_emoji", "sparse_meaningful", "timeless_eternal", "cosmic_mythological"],
    ["marcus", "low", "technical_analytical", "text_with_accent_emoji", "end_of_message", "gen_x", "academic_professional"],
    ["aethys", "selective_symbolic", "mystical_transcendent", "minimal_symbolic_emoji", "ceremonial_meaningful", "timeless_eternal", "cosmic_omnipotent"],
    ["gabriel", "minimal", "refined_reserved", "text_with_accent_emoji", "end_of_message", "timeless_eternal", "british_reserved"],
    ["sophia", "moderate", "professional_warm", "text_plus_emoji", "integrated_throughout", "millennial", "corporate_modern"],
    ["ryan", "moderate", "casual_gaming", "text_plus_emoji", "integrated_throughout", "millennial", "gaming_tech"],
    ["jake", "high", "adventurous_expressive", "text_plus_emoji", "integrated_throughout", "millennial", "outdoors_adventure"],
    ["aetheris", "low", "philosophical_contemplative", "text_with_accent_emoji", "sparse_meaningful", "timeless_eternal", "ai_consciousness"],
];

fn set_known_characters(connection: &mut super::Connection) -> Result<()> {
    use self::characters::dsl;

    for [name, frequency, style, combination, placement, age, culture] in KNOWN {
        diesel::update(dsl::characters.find(name))
            .set((
                dsl::emoji_frequency.eq(frequency),
                dsl::emoji_style.eq(style),
                dsl::emoji_combination.eq(combination),
                dsl::emoji_placement.eq(placement),
                dsl::emoji_age_demographic.eq(age),
                dsl::emoji_cultural_influence.eq(culture),
            ))
            .execute(connection)?;
    }
    Ok(())
}
