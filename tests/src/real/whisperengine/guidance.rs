//! What the text says: modes of conversation, what holds in general, and the style of responses.

use migrate_core::error::{BodyError, Result};
use serde_json::{Map, Value};

use super::python;

/// The guidance of one character.
#[derive(Debug, Default)]
pub(super) struct Guidance {
    pub(super) modes: Vec<Mode>,
    pub(super) general: Option<General>,
    pub(super) response_style: Option<Vec<Item>>,
}

/// One mode of conversation.
#[derive(Debug)]
pub(super) struct Mode {
    pub(super) name: String,
    pub(super) energy: String,
    pub(super) approach: String,
    pub(super) transition: String,
    /// What to avoid and what to encourage.
    pub(super) guidance: Vec<Item>,
    pub(super) examples: Vec<Item>,
}

/// What holds in every mode.
#[derive(Debug)]
pub(super) struct General {
    pub(super) energy: String,
    pub(super) style: String,
    pub(super) transition: String,
    pub(super) patterns: Vec<Item>,
}

/// A line of a list, in its place.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) text: String,
    pub(super) order: i32,
}

/// Sections that the tables have no place for.
const PASSED_OVER: [&str; 2] = ["platform_awareness", "flow_optimization"];

const RESPONSE_STYLE: [&str; 3] = ["core_principles", "formatting_rules", "character_specific_adaptations"];

/// Reads a text: JSON, or a dictionary as Python prints it. It is never run.
///
/// An error says what has no place in the tables. The original made an empty mode each of `general` and
/// `response_style`, which nobody meant, and left out the patterns, which would be lost with the text.
pub(super) fn parse(text: &str) -> Result<Guidance> {
    if text.trim().is_empty() {
        return Ok(Guidance::default());
    }
    let Value::Object(sections) = serde_json::from_str(text).or_else(|_| python::literal(text))? else {
        return Err(BodyError::new("the guidance is no object"));
    };
    let mut guidance = Guidance::default();
    for (name, section) in sections {
        if PASSED_OVER.contains(&name.as_str()) {
            continue;
        }
        let Value::Object(section) = section else {
            return Err(BodyError::new(format_args!("`{name}` is no object")));
        };
        match name.as_str() {
            "general" => guidance.general = Some(general(section)?),
            "response_style" => guidance.response_style = Some(lists(&section, &RESPONSE_STYLE)?),
            _ => guidance.modes.push(mode(name, section)?),
        }
    }
    Ok(guidance)
}

fn mode(name: String, mut section: Map<String, Value>) -> Result<Mode> {
    Ok(Mode {
        name: short(name, 100)?,
        energy: short(text(&mut section, "energy")?, 50)?,
        approach: text(&mut section, "approach")?,
        transition: text(&mut section, "transition_style")?,
        guidance: lists(&section, &["avoid", "encourage"])?,
        examples: lists(&section, &["examples"])?,
    })
}

fn general(mut section: Map<String, Value>) -> Result<General> {
    let patterns = match section.get("response_patterns") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(patterns)) => lists(patterns, &["avoid", "encourage"])?,
        Some(_) => return Err(BodyError::new("`response_patterns` is no object")),
    };
    Ok(General {
        energy: short(text(&mut section, "default_energy")?, 50)?,
        style: text(&mut section, "conversation_style")?,
        transition: text(&mut section, "transition_approach")?,
        patterns,
    })
}

/// A text of the section; empty when it is not there.
fn text(section: &mut Map<String, Value>, name: &str) -> Result<String> {
    match section.remove(name) {
        Some(Value::String(text)) => Ok(text),
        None | Some(Value::Null) => Ok(String::new()),
        Some(_) => Err(BodyError::new(format_args!("`{name}` is no text"))),
    }
}

/// The lines of some lists of the section, one list after the other.
fn lists(section: &Map<String, Value>, names: &[&'static str]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for name in names {
        let lines = match section.get(*name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(lines)) => lines,
            Some(_) => return Err(BodyError::new(format_args!("`{name}` is no list"))),
        };
        for (line, order) in lines.iter().zip(0..) {
            let text = match line {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(BodyError::new(format_args!("line {order} of `{name}` is no text"))),
            };
            items.push(Item { kind: name, text, order });
        }
    }
    Ok(items)
}

/// The text, if its column takes it: SQLite would take any.
fn short(text: String, longest: usize) -> Result<String> {
    if text.chars().count() > longest {
        return Err(BodyError::new(format_args!("`{text}` has more than {longest} characters")));
    }
    Ok(text)
}
