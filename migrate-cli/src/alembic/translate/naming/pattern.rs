//! The patterns of a naming convention, and the names that they make.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use super::super::{NotPlain, Plain};

/// Patterns by kind: `pk`, `uq`, `ck`, `fk`, `ix`, as `SQLAlchemy` abbreviates them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::alembic) struct Naming {
    pub(super) patterns: BTreeMap<&'static str, Vec<Part>>,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Table,
    ReferredTable,
    /// What the script calls the constraint.
    Given,
    /// `column_0_name`, `column_0N_label`, `referred_column_0_N_name`.
    Columns {
        of: Columns,
        which: Which,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    Name,
    Label,
    Referred,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Nth(usize),
    All { between: &'static str },
}

const KINDS: [&str; 5] = ["ck", "fk", "ix", "pk", "uq"];

impl Naming {
    /// Reads `kind=pattern` of each; the error says what is wrong with which.
    pub(in crate::alembic) fn read<'s>(given: impl IntoIterator<Item = &'s str>) -> Result<Self, String> {
        let mut patterns = BTreeMap::new();
        for text in given {
            let (kind, pattern) =
                text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form kind=pattern"))?;
            let kind = KINDS
                .into_iter()
                .find(|known| *known == kind.trim())
                .ok_or_else(|| format!("`{kind}` is none of {}", KINDS.join(", ")))?;
            let parts = parts(pattern.trim()).ok_or_else(|| {
                format!("`{pattern}` has something in it that SQLAlchemy puts nothing in for")
            })?;
            patterns.insert(kind, parts);
        }
        Ok(Self { patterns })
    }
}

/// Splits a pattern at its tokens; `None` for a token that is not known.
fn parts(pattern: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some((text, after)) = rest.split_once("%(") {
        let (token, after) = after.split_once(")s")?;
        parts.push(Part::Text(text.replace("%%", "%")));
        parts.push(token_of(token)?);
        rest = after;
    }
    parts.push(Part::Text(rest.replace("%%", "%")));
    Some(parts)
}

fn token_of(token: &str) -> Option<Part> {
    match token {
        "table_name" => return Some(Part::Table),
        "referred_table_name" => return Some(Part::ReferredTable),
        "constraint_name" => return Some(Part::Given),
        _ => {}
    }
    let (referred, rest) = match token.strip_prefix("referred_column_") {
        Some(rest) => (true, rest),
        None => (false, token.strip_prefix("column_")?),
    };
    let (which, what) = rest.rsplit_once('_')?;
    let which = match which {
        "0N" => Which::All { between: "" },
        "0_N" => Which::All { between: "_" },
        number => Which::Nth(number.parse().ok()?),
    };
    let of = match (referred, what) {
        (true, "name" | "key") => Columns::Referred,
        (false, "name" | "key") => Columns::Name,
        (false, "label") => Columns::Label,
        _ => return None,
    };
    Some(Part::Columns { of, which })
}

/// What a name is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'s> {
    pub(super) table: &'s str,
    pub(super) schema: Option<&'s str>,
    pub(super) columns: &'s [String],
    /// The table and the columns of a foreign key.
    pub(super) referred: Option<(&'s str, &'s [String])>,
}

/// How long a name of PostgreSQL's is at most.
const LONGEST: usize = 63;

/// A name that `SQLAlchemy` may shorten, as it does for PostgreSQL: its start, and the end of its MD5.
///
/// A name that a script gives without `op.f` is never shortened, but refused.
pub(in crate::alembic::translate) fn truncated(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    let start: String = name.chars().take(LONGEST - 8).collect();
    let digest = Md5::digest(name.as_bytes());
    let mut hexadecimal = String::new();
    for byte in digest {
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    format!("{start}_{}", &hexadecimal[hexadecimal.len() - 4..])
}

impl Part {
    pub(super) fn of(&self, given: Option<&str>, subject: Subject<'_>) -> Plain<String> {
        let nothing =
            |what: &str| NotPlain::new(format_args!("{what}, which its naming convention asks for"));
        Ok(match self {
            Self::Text(text) => text.clone(),
            Self::Table => subject.table.to_owned(),
            Self::ReferredTable => {
                subject.referred.ok_or_else(|| nothing("a constraint without a referred table"))?.0.to_owned()
            }
            // SQLAlchemy raises an error for that.
            Self::Given => given.ok_or_else(|| nothing("a constraint without a name"))?.to_owned(),
            Self::Columns { of, which } => {
                let names: Vec<String> = match of {
                    Columns::Name => subject.columns.to_vec(),
                    Columns::Referred => {
                        subject.referred.map(|(_, columns)| columns.to_vec()).unwrap_or_default()
                    }
                    Columns::Label => subject.columns.iter().map(|column| subject.label(column)).collect(),
                };
                match which {
                    Which::Nth(at) => {
                        names.get(*at).ok_or_else(|| nothing("a constraint without columns"))?.clone()
                    }
                    Which::All { .. } if names.is_empty() => {
                        return Err(nothing("a constraint without columns"));
                    }
                    Which::All { between } => names.join(between),
                }
            }
        })
    }
}

impl Subject<'_> {
    fn label(&self, column: &str) -> String {
        let schema = self.schema.map(|schema| format!("{}_", schema.replace('.', "_")));
        format!("{}{}_{column}", schema.unwrap_or_default(), self.table)
    }
}
