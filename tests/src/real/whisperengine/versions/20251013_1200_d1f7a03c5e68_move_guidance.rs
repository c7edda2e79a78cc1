use std::collections::BTreeMap;

use diesel::sql_types::Nullable;
use migrate_core::backfill::End;
use migrate_core::prelude::*;

use super::guidance::{self, Guidance, Item};

diesel::table! {
    communication_styles (character_id) {
        character_id -> BigInt,
        conversation_flow_guidance -> Nullable<Text>,
        moved_guidance -> Nullable<Text>,
    }
}

diesel::table! {
    character_conversation_modes (id) {
        id -> BigInt,
        character_id -> BigInt,
        mode_name -> Text,
        energy_level -> Text,
        approach -> Text,
        transition_style -> Text,
    }
}

diesel::table! {
    character_mode_guidance (id) {
        id -> BigInt,
        mode_id -> BigInt,
        guidance_type -> Text,
        guidance_text -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    character_mode_examples (id) {
        id -> BigInt,
        mode_id -> BigInt,
        example_text -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    character_general_conversation (id) {
        id -> BigInt,
        character_id -> BigInt,
        default_energy -> Text,
        conversation_style -> Text,
        transition_approach -> Text,
    }
}

diesel::table! {
    character_response_patterns (id) {
        id -> BigInt,
        general_conversation_id -> BigInt,
        pattern_name -> Text,
        pattern_description -> Text,
        sort_order -> Integer,
    }
}

diesel::table! {
    character_response_style (id) {
        id -> BigInt,
        character_id -> BigInt,
    }
}

diesel::table! {
    character_response_style_items (id) {
        id -> BigInt,
        response_style_id -> BigInt,
        item_type -> Text,
        item_text -> Text,
        sort_order -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    character_conversation_modes,
    character_mode_guidance,
    character_mode_examples,
);
diesel::allow_tables_to_appear_in_same_query!(character_general_conversation, character_response_patterns);
diesel::allow_tables_to_appear_in_same_query!(character_response_style, character_response_style_items);

diesel::define_sql_function! { fn coalesce(text: Nullable<Text>, otherwise: Text) -> Text; }

/// Move the guidance of conversations into tables
///
/// All rows of a character are written in one transaction with the note of the text that they are from. A text that has
/// no place in the tables is put aside as a whole: nothing of it is written, and it stays where it is.
#[migration(revision = "d1f7a03c5e68", down_revision = "8b77eda62e71")]
pub struct MoveGuidance;

/// What is read of a character's style: the character, the text, and whether a text of it was moved before.
type Style = (i64, Option<String>, bool);

/// The styles whose text is not the one in the tables.
macro_rules! to_do {
    () => {{
        let text = coalesce(communication_styles::conversation_flow_guidance, "");
        communication_styles::table.filter(text.ne(coalesce(communication_styles::moved_guidance, "")))
    }};
}

impl Backfill for MoveGuidance {
    type Connection = super::Connection;
    type Key = i64;
    type Row = Style;

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Style>> {
        let styles = to_do!()
            .select((
                communication_styles::character_id,
                communication_styles::conversation_flow_guidance,
                communication_styles::moved_guidance.is_not_null(),
            ))
            .filter(span.contains(communication_styles::character_id))
            .order(communication_styles::character_id)
            .limit(span.limit());
        span.for_update(styles).load(conn)
    }

    fn key(&self, style: &Style) -> i64 {
        style.0
    }

    /// Asks for the keys alone: the texts are large.
    fn end(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Option<End<i64>>> {
        let character = communication_styles::character_id;
        let keys = to_do!().select(character).filter(span.contains(character));
        span.end_of(keys.order(character).limit(span.limit()), conn)
    }

    fn apply(&self, conn: &mut Self::Connection, styles: Vec<Style>) -> Result<()> {
        let parse = |(character, text, _): &Style| {
            Ok((*character, guidance::parse(text.as_deref().unwrap_or_default())?))
        };
        let guidance: Guidances = styles.iter().map(parse).collect::<Result<_>>()?;
        let again: Vec<i64> = styles.iter().filter(|style| style.2).map(|style| style.0).collect();
        if !again.is_empty() {
            forget(conn, &again)?;
        }
        write_modes(conn, &guidance)?;
        write_general(conn, &guidance)?;
        write_response_style(conn, &guidance)?;
        bulk_update(
            communication_styles::table,
            communication_styles::character_id,
            communication_styles::moved_guidance,
        )
        .rows(styles.into_iter().map(|(character, text, _)| (character, text)))
        .execute(conn)
    }

    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> {
        to_do!().count().get_result(conn)
    }

    /// The text is still there, so the rows that were made of it can go.
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        for table in TABLES {
            cx.execute(format!("DELETE FROM {table}"))?;
        }
        cx.execute("UPDATE communication_styles SET moved_guidance = NULL")
    }

    /// The texts have some KB each.
    fn pace(&self) -> Pace {
        Pace { start: 500, max: 2_000, ..Pace::default() }
    }

    /// The web interface of the old code still writes texts.
    fn rescans(&self) -> bool {
        true
    }

    fn max_rejected(&self) -> u64 {
        1_000
    }
}

/// The tables, each before the one that it refers to.
const TABLES: [&str; 7] = [
    "character_mode_guidance",
    "character_mode_examples",
    "character_conversation_modes",
    "character_response_patterns",
    "character_general_conversation",
    "character_response_style_items",
    "character_response_style",
];

/// By character.
type Guidances = BTreeMap<i64, Guidance>;

/// From the first of the characters to the last; those in between that are done already do no harm.
///
/// A list of them would do, but while a table grows there are no statistics, and PostgreSQL would read all of it.
fn between(guidances: &Guidances) -> Span<i64> {
    Span::of(&guidances.keys().copied().collect::<Vec<_>>())
}

/// Deletes what was made of former texts of these characters.
///
/// Part by part, because SQLite cascades only where the connection asks for it.
fn forget(conn: &mut super::Connection, characters: &[i64]) -> Result<()> {
    macro_rules! delete {
        ($whole:ident: $($part:ident.$reference:ident),*) => {{
            let wholes = $whole::table.filter($whole::character_id.eq_any(characters));
            $(
                let parts = $part::table.filter($part::$reference.eq_any(wholes.clone().select($whole::id)));
                diesel::delete(parts).execute(conn)?;
            )*
            diesel::delete(wholes).execute(conn)?;
        }};
    }
    delete!(character_conversation_modes: character_mode_guidance.mode_id, character_mode_examples.mode_id);
    delete!(character_general_conversation: character_response_patterns.general_conversation_id);
    delete!(character_response_style: character_response_style_items.response_style_id);
    Ok(())
}

fn write_modes(conn: &mut super::Connection, guidances: &Guidances) -> Result<()> {
    use character_conversation_modes as modes;
    let all = || {
        guidances
            .iter()
            .flat_map(|(character, guidance)| guidance.modes.iter().map(move |mode| (*character, mode)))
    };
    bulk_insert(
        modes::table,
        (
            modes::character_id,
            modes::mode_name,
            modes::energy_level,
            modes::approach,
            modes::transition_style,
        ),
    )
    .rows(all().map(|(character, it)| (character, &it.name, &it.energy, &it.approach, &it.transition)))
    .execute(conn)?;
    let ids: BTreeMap<(i64, String), i64> = modes::table
        .filter(between(guidances).contains(modes::character_id))
        .select(((modes::character_id, modes::mode_name), modes::id))
        .load_iter::<_, diesel::connection::DefaultLoadingMode>(conn)?
        .collect::<QueryResult<_>>()?;
    let all = || all().map(|(character, mode)| (ids[&(character, mode.name.clone())], mode));
    bulk_insert(
        character_mode_guidance::table,
        (
            character_mode_guidance::mode_id,
            character_mode_guidance::guidance_type,
            character_mode_guidance::guidance_text,
            character_mode_guidance::sort_order,
        ),
    )
    .rows(all().flat_map(|(id, mode)| lines(id, &mode.guidance)))
    .execute(conn)?;
    let examples = all().flat_map(|(id, mode)| mode.examples.iter().map(move |it| (id, &it.text, it.order)));
    bulk_insert(
        character_mode_examples::table,
        (
            character_mode_examples::mode_id,
            character_mode_examples::example_text,
            character_mode_examples::sort_order,
        ),
    )
    .rows(examples)
    .execute(conn)
}

fn write_general(conn: &mut super::Connection, guidances: &Guidances) -> Result<()> {
    use character_general_conversation as general;
    let all = || guidances.iter().filter_map(|(character, it)| Some((*character, it.general.as_ref()?)));
    bulk_insert(
        general::table,
        (
            general::character_id,
            general::default_energy,
            general::conversation_style,
            general::transition_approach,
        ),
    )
    .rows(all().map(|(character, it)| (character, &it.energy, &it.style, &it.transition)))
    .execute(conn)?;
    let ids: BTreeMap<i64, i64> = general::table
        .filter(between(guidances).contains(general::character_id))
        .select((general::character_id, general::id))
        .load_iter::<_, diesel::connection::DefaultLoadingMode>(conn)?
        .collect::<QueryResult<_>>()?;
    bulk_insert(
        character_response_patterns::table,
        (
            character_response_patterns::general_conversation_id,
            character_response_patterns::pattern_name,
            character_response_patterns::pattern_description,
            character_response_patterns::sort_order,
        ),
    )
    .rows(all().flat_map(|(character, it)| lines(ids[&character], &it.patterns)))
    .execute(conn)
}

fn write_response_style(conn: &mut super::Connection, guidances: &Guidances) -> Result<()> {
    use character_response_style as style;
    let all =
        || guidances.iter().filter_map(|(character, it)| Some((*character, it.response_style.as_ref()?)));
    bulk_insert(style::table, style::character_id)
        .rows(all().map(|(character, _)| character))
        .execute(conn)?;
    let ids: BTreeMap<i64, i64> = style::table
        .filter(between(guidances).contains(style::character_id))
        .select((style::character_id, style::id))
        .load_iter::<_, diesel::connection::DefaultLoadingMode>(conn)?
        .collect::<QueryResult<_>>()?;
    bulk_insert(
        character_response_style_items::table,
        (
            character_response_style_items::response_style_id,
            character_response_style_items::item_type,
            character_response_style_items::item_text,
            character_response_style_items::sort_order,
        ),
    )
    .rows(all().flat_map(|(character, items)| lines(ids[&character], items)))
    .execute(conn)
}

/// The rows of some lines that belong to the whole of this id.
fn lines(whole: i64, items: &[Item]) -> impl Iterator<Item = (i64, &'static str, &String, i32)> {
    items.iter().map(move |item| (whole, item.kind, &item.text, item.order))
}
