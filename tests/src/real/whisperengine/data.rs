//! Characters and their guidance, written by people and by programs.

use std::fmt::Write as _;

use fastrand::Rng;
use migrate_core::AnyConnection;
use migrate_core::bulk::bulk_insert;

use self::schema::{characters, communication_styles};

mod schema {
    diesel::table! {
        characters (id) {
            id -> BigInt,
            normalized_name -> Text,
        }
    }

    diesel::table! {
        communication_styles (id) {
            id -> BigInt,
            character_id -> BigInt,
            conversation_flow_guidance -> Nullable<Text>,
        }
    }
}

/// The guidance of a character, and what has to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    /// Its key.
    pub id: i64,
    /// Whose it is.
    pub character: i64,
    /// As it was written.
    pub text: Option<String>,
    /// The rows that it has to become, as [`rows`](super::data::ROWS) reads them; `None` when it has to be put aside.
    pub rows: Option<Vec<String>>,
}

/// Reads the rows of all characters, each as one text: what it is, the character, and what it holds.
pub const ROWS: &str = "
    SELECT 'mode/' || character_id || '/' || mode_name || '/' || energy_level || '/' || approach || '/' || transition_style
        FROM character_conversation_modes
    UNION ALL SELECT guidance_type || '/' || character_id || '/' || mode_name || '/' || sort_order || '/' || guidance_text
        FROM character_mode_guidance AS it JOIN character_conversation_modes AS mode ON mode.id = mode_id
    UNION ALL SELECT 'example/' || character_id || '/' || mode_name || '/' || sort_order || '/' || example_text
        FROM character_mode_examples AS it JOIN character_conversation_modes AS mode ON mode.id = mode_id
    UNION ALL SELECT 'general/' || character_id || '/' || default_energy || '/' || conversation_style || '/' || transition_approach
        FROM character_general_conversation
    UNION ALL SELECT 'pattern/' || character_id || '/' || pattern_name || '/' || sort_order || '/' || pattern_description
        FROM character_response_patterns AS it
        JOIN character_general_conversation AS general ON general.id = general_conversation_id
    UNION ALL SELECT 'style/' || character_id FROM character_response_style
    UNION ALL SELECT item_type || '/' || character_id || '/' || sort_order || '/' || item_text
        FROM character_response_style_items AS it
        JOIN character_response_style AS style ON style.id = response_style_id";

/// Inserts the first `count` characters, each with a style.
///
/// # Panics
///
/// If that fails.
pub fn insert(conn: &mut AnyConnection, count: u32) {
    let names = (0..count).map(|number| (style(number, 0).character, format!("character_{number}")));
    bulk_insert(characters::table, (characters::id, characters::normalized_name))
        .rows(names)
        .execute(conn)
        .unwrap_or_else(|error| panic!("{error}"));
    bulk_insert(
        communication_styles::table,
        (
            communication_styles::id,
            communication_styles::character_id,
            communication_styles::conversation_flow_guidance,
        ),
    )
    .rows((0..count).map(|number| style(number, 0)).map(|style| (style.id, style.character, style.text)))
    .execute(conn)
    .unwrap_or_else(|error| panic!("{error}"));
}

/// The style of a number, as it is after so many changes; always the same.
///
/// Of 2,500, six at first have no place in the tables. Half of the texts are JSON, half are Python's.
#[must_use]
pub fn style(number: u32, changes: u32) -> Style {
    let mut random = Rng::with_seed(u64::from(changes) << 32 | u64::from(number) | 1 << 63);
    let (id, character) = (i64::from(number) * 2 + 1, i64::from(number) + 10);
    let put_aside = match (changes, number % 2_500) {
        (0, 205) => Some("__import__('os').system('rm -rf /')".to_owned()),
        (0, 606) => Some("{\"general\": {\"default_energy\": \"Warm\"".to_owned()),
        (0, 1_007) => Some("{'greeting': 'Hello there'}".to_owned()),
        (0, 1_408) => Some(format!("{{\"warmth\": {{\"energy\": \"{}\"}}}}", "warm, measured, ".repeat(4))),
        (0, 1_809) => Some("{'warmth': {'energy': 'Calm', 'avoid': 'lectures'}}".to_owned()),
        (0, 2_210) => Some("['a list']".to_owned()),
        _ => None,
    };
    if let Some(text) = put_aside {
        return Style { id, character, text: Some(text), rows: None };
    }
    let empty = match number % 20 {
        0 => Some(None),
        1 => Some(Some("")),
        2 => Some(Some("{}")),
        3 => {
            Some(Some("{\"platform_awareness\": {\"discord\": \"short\"}, \"flow_optimization\": \"none\"}"))
        }
        _ => None,
    };
    if let Some(text) = empty {
        return Style { id, character, text: text.map(str::to_owned), rows: Some(Vec::new()) };
    }
    let language = if random.bool() { Language::Json } else { Language::Python };
    let mut writer = Writer { language, text: String::new(), rows: Vec::new(), character };
    writer.write(&mut random);
    Style { id, character, text: Some(writer.text), rows: Some(writer.rows) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Json,
    Python,
}

/// Writes a text, and beside it the rows that it says.
struct Writer {
    language: Language,
    text: String,
    rows: Vec<String>,
    character: i64,
}

const MODES: [&str; 4] = ["marine_science", "personal_connection", "romantic_interest", "crisis_support"];

const LINES: [&str; 6] = [
    "Overwhelming with too much jargon",
    "¡Dios mío! You should see what I found…",
    "That's \"generic\", isn't it?",
    "A\nline and a \\ backslash",
    "Don't lecture",
    "🌊 waves",
];

impl Writer {
    fn write(&mut self, random: &mut Rng) {
        let character = self.character;
        self.text.push('{');
        for mode in &MODES[..random.usize(..3)] {
            self.key(mode);
            self.text.push('{');
            let energy = if random.u8(..5) == 0 { "" } else { "Warm" };
            if energy.is_empty() {
                self.nothing("energy");
            } else {
                self.pair("energy", energy);
            }
            let approach = line(random);
            self.pair("approach", approach);
            self.rows.push(format!("mode/{character}/{mode}/{energy}/{approach}/"));
            self.list(random, "avoid", &format!("avoid/{character}/{mode}"));
            self.list(random, "encourage", &format!("encourage/{character}/{mode}"));
            self.list(random, "examples", &format!("example/{character}/{mode}"));
            self.text.push_str("},");
        }
        if random.u8(..3) == 0 {
            let style = line(random);
            self.key("general");
            self.text.push('{');
            self.pair("default_energy", "Calm");
            self.pair("conversation_style", style);
            self.rows.push(format!("general/{character}/Calm/{style}/"));
            self.key("response_patterns");
            self.text.push('{');
            self.list(random, "avoid", &format!("pattern/{character}/avoid"));
            self.text.push_str("}},");
        }
        if random.u8(..3) == 0 {
            self.key("response_style");
            self.text.push('{');
            self.rows.push(format!("style/{character}"));
            self.list(random, "core_principles", &format!("core_principles/{character}"));
            self.text.push_str("},");
        }
        self.nothing_at_the_end();
    }

    fn key(&mut self, key: &str) {
        self.quoted(key);
        self.text.push_str(": ");
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.key(key);
        self.quoted(value);
        self.text.push_str(", ");
    }

    fn nothing(&mut self, key: &str) {
        self.key(key);
        self.text.push_str(if self.language == Language::Json { "null" } else { "None" });
        self.text.push_str(", ");
    }

    /// A list of up to two lines, and their rows.
    fn list(&mut self, random: &mut Rng, key: &str, row: &str) {
        self.key(key);
        self.text.push('[');
        for order in 0..random.usize(..3) {
            if order > 0 {
                self.text.push_str(", ");
            }
            let line = line(random);
            self.quoted(line);
            self.rows.push(format!("{row}/{order}/{line}"));
        }
        self.text.push_str("], ");
    }

    /// JSON allows no comma before the end, so everything that follows one is removed.
    fn nothing_at_the_end(&mut self) {
        self.text.push('}');
        if self.language == Language::Json {
            while let Some(at) = [", }", ",}"].iter().find_map(|comma| self.text.find(comma)) {
                self.text.replace_range(at..=at, "");
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        let quote = match self.language {
            Language::Python if !text.contains('\'') => '\'',
            _ => '"',
        };
        self.text.push(quote);
        for character in text.chars() {
            match character {
                '\n' => self.text.push_str("\\n"),
                '\\' => self.text.push_str("\\\\"),
                _ if character == quote => {
                    let _ = write!(self.text, "\\{quote}");
                }
                _ => self.text.push(character),
            }
        }
        self.text.push(quote);
    }
}

fn line(random: &mut Rng) -> &'static str {
    random.choice(&LINES).copied().unwrap_or_default()
}
