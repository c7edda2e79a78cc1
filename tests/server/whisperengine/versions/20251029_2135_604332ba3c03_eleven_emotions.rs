use diesel::data_types::PgTimestamp;
use migrate_core::operation::Table;
use migrate_core::prelude::*;

use super::m_20251011_1401_untracked::five_dimensions;

/// Keep eleven emotions in columns instead of five dimensions in JSON
#[migration(revision = "604332ba3c03", down_revision = "06cb86fd8471")]
pub struct ElevenEmotions;

impl Migration for ElevenEmotions {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.rename_table("character_emotional_states", "character_emotional_states_old")?;
        cx.create_table(eleven_emotions())?;
        cx.data("make eleven emotions of five dimensions", carry_over)?;
        cx.drop_table("character_emotional_states_old")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table(eleven_emotions())?;
        cx.create_table(five_dimensions())
    }
}

/// The emotions and what they are without a word about them.
const EMOTIONS: [(&str, &str); 11] = [
    ("anger", "0.1"),
    ("anticipation", "0.4"),
    ("disgust", "0.05"),
    ("fear", "0.15"),
    ("joy", "0.7"),
    ("love", "0.6"),
    ("optimism", "0.65"),
    ("pessimism", "0.2"),
    ("sadness", "0.15"),
    ("surprise", "0.25"),
    ("trust", "0.7"),
];

fn eleven_emotions() -> Table {
    let now_felt = EMOTIONS.map(|(emotion, default)| {
        column(emotion, Double).not_null().default(default).comment(format!("The {emotion} felt now, 0 to 1"))
    });
    let baselines = EMOTIONS.map(|(emotion, default)| {
        column(format!("baseline_{emotion}"), Double)
            .not_null()
            .default(default)
            .comment(format!("The {emotion} that the character comes back to, 0 to 1"))
    });
    table("character_emotional_states")
        .comment("What each character feels towards each user, beside what they feel by nature")
        .column(column("id", Uuid).default(random_uuid()))
        .column(column("character_name", varchar(100)).not_null().comment("Who feels"))
        .column(column("user_id", varchar(255)).not_null().comment("Towards whom"))
        .columns(now_felt)
        .columns(baselines)
        .columns([
            column("total_interactions", Integer).not_null().default(0).comment("Exchanges so far"),
            column("recent_emotion_history", Json).not_null().default("[]").comment("The last five states"),
            column("last_updated", Timestamptz).not_null().default(now()).comment("Of the last change"),
            column("created_at", Timestamptz).not_null().default(now()).comment("Of the first exchange"),
        ])
        // The renamed table still has the key's own name.
        .constraint(primary_key(["id"]).named("character_emotional_states_pkey1"))
        .with_index(
            index("idx_char_emotional_states_char_user").keys(["character_name", "user_id"]).unique(),
        )
        .index("idx_char_emotional_states_character", ["character_name"])
        .index("idx_char_emotional_states_user", ["user_id"])
        .index("idx_char_emotional_states_last_updated", ["last_updated"])
}

diesel::table! {
    #[sql_name = "character_emotional_states_old"]
    before (character_name, user_id) {
        character_name -> Text,
        user_id -> Text,
        state_data -> Json,
        last_updated -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    #[sql_name = "character_emotional_states"]
    states (character_name, user_id) {
        character_name -> Text,
        user_id -> Text,
        total_interactions -> Integer,
        last_updated -> Timestamptz,
        created_at -> Timestamptz,
        anger -> Double,
        anticipation -> Double,
        disgust -> Double,
        fear -> Double,
        joy -> Double,
        love -> Double,
        optimism -> Double,
        pessimism -> Double,
        sadness -> Double,
        surprise -> Double,
        trust -> Double,
    }
}

// The same table again: Diesel is built here for tables of up to sixteen columns.
diesel::table! {
    #[sql_name = "character_emotional_states"]
    baselines (character_name, user_id) {
        character_name -> Text,
        user_id -> Text,
        baseline_anger -> Double,
        baseline_anticipation -> Double,
        baseline_disgust -> Double,
        baseline_fear -> Double,
        baseline_joy -> Double,
        baseline_love -> Double,
        baseline_optimism -> Double,
        baseline_pessimism -> Double,
        baseline_sadness -> Double,
        baseline_surprise -> Double,
        baseline_trust -> Double,
    }
}

/// The five dimensions of a document, as they are written in it.
type Dimensions = (String, String, String, String, String);

/// Enthusiasm, stress, contentment, empathy and confidence of `before.state_data`, with a prefix.
macro_rules! dimensions {
    ($prefix:literal) => {
        (
            before::state_data.retrieve_as_text(concat!($prefix, "enthusiasm")),
            before::state_data.retrieve_as_text(concat!($prefix, "stress")),
            before::state_data.retrieve_as_text(concat!($prefix, "contentment")),
            before::state_data.retrieve_as_text(concat!($prefix, "empathy")),
            before::state_data.retrieve_as_text(concat!($prefix, "confidence")),
        )
    };
}

fn carry_over(connection: &mut super::Connection) -> Result<()> {
    type Row = ((String, String), (PgTimestamp, PgTimestamp), String, Dimensions, Dimensions);
    let rows: Vec<Row> = before::table
        .select((
            (before::character_name, before::user_id),
            (before::last_updated, before::created_at),
            before::state_data.retrieve_as_text("total_interactions"),
            dimensions!(""),
            dimensions!("baseline_"),
        ))
        .load(connection)?;
    for ((character, user), (last_updated, created_at), interactions, felt, baseline) in rows {
        let felt = Emotions::of(&felt)?;
        diesel::insert_into(states::table)
            .values((
                (states::character_name.eq(&character), states::user_id.eq(&user)),
                states::total_interactions.eq(number::<i32>(&interactions)?),
                (states::last_updated.eq(last_updated), states::created_at.eq(created_at)),
                (states::joy.eq(felt.joy), states::love.eq(felt.love), states::optimism.eq(felt.optimism)),
                (states::trust.eq(felt.trust), states::anger.eq(felt.anger), states::fear.eq(felt.fear)),
                (states::sadness.eq(felt.sadness), states::pessimism.eq(felt.pessimism)),
            ))
            .execute(connection)?;
        let baseline = Emotions::of(&baseline)?;
        diesel::update(baselines::table.find((&character, &user)))
            .set((
                (baselines::baseline_joy.eq(baseline.joy), baselines::baseline_love.eq(baseline.love)),
                (baselines::baseline_optimism.eq(baseline.optimism), baselines::baseline_trust.eq(baseline.trust)),
                (baselines::baseline_anger.eq(baseline.anger), baselines::baseline_fear.eq(baseline.fear)),
                baselines::baseline_sadness.eq(baseline.sadness),
                baselines::baseline_pessimism.eq(baseline.pessimism),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// The emotions that the dimensions say something about; the others keep their defaults.
struct Emotions {
    joy: f64,
    love: f64,
    optimism: f64,
    trust: f64,
    anger: f64,
    fear: f64,
    sadness: f64,
    pessimism: f64,
}

impl Emotions {
    fn of((enthusiasm, stress, contentment, empathy, confidence): &Dimensions) -> Result<Self> {
        let (enthusiasm, confidence) = (number::<f64>(enthusiasm)?, number::<f64>(confidence)?);
        let (stress, empathy) = (number::<f64>(stress)?, number::<f64>(empathy)?);
        let share = |value: f64| value.clamp(0.0, 1.0);
        Ok(Self {
            joy: share(enthusiasm),
            love: share(empathy),
            optimism: share(f64::midpoint(confidence, enthusiasm)),
            trust: share(empathy),
            anger: share(stress * 0.6),
            fear: share(stress * 0.8),
            sadness: share(1.0 - number::<f64>(contentment)?),
            pessimism: share(1.0 - confidence),
        })
    }
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N> {
    text.parse().map_err(|_| BodyError::new(format!("{text} is no number")))
}
