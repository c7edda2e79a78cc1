//! Sequences and extensions.

use std::fmt::Write as _;

use super::writer::{Outcome, Writer};
use crate::operation::{Extension, Sequence};

impl Writer<'_> {
    pub(super) fn create_sequence(&self, sequence: &Sequence) -> Outcome<String> {
        let if_not_exists = if sequence.if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut sql = format!("CREATE SEQUENCE {if_not_exists}{}", self.qualified(&sequence.name)?);
        if let Some(type_) = &sequence.type_ {
            let _ = write!(sql, " AS {}", self.type_(type_)?);
        }
        for (word, number) in [
            ("INCREMENT BY", sequence.increment),
            ("MINVALUE", sequence.min),
            ("MAXVALUE", sequence.max),
            ("START WITH", sequence.start),
            ("CACHE", sequence.cache),
        ] {
            if let Some(number) = number {
                let _ = write!(sql, " {word} {number}");
            }
        }
        if sequence.cycle {
            sql.push_str(" CYCLE");
        }
        if let Some((table, column)) = &sequence.owned_by {
            let _ = write!(sql, " OWNED BY {}.{}", self.qualified(table)?, self.name(column)?);
        }
        Ok(sql)
    }

    pub(super) fn create_extension(&self, extension: &Extension) -> Outcome<String> {
        let if_not_exists = if extension.if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut sql = format!("CREATE EXTENSION {if_not_exists}{}", self.name(&extension.name)?);
        if let Some(schema) = &extension.schema {
            let _ = write!(sql, " SCHEMA {}", self.name(schema)?);
        }
        if let Some(version) = &extension.version {
            let _ = write!(sql, " VERSION {}", self.text(version)?);
        }
        if extension.cascade {
            sql.push_str(" CASCADE");
        }
        Ok(sql)
    }
}
