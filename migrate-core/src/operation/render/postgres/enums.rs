use std::collections::BTreeSet;

use super::writer::{Outcome, Writer};
use crate::connection::Dialect;
use crate::operation::naming::LONGEST_NAME;
use crate::operation::{EnumPosition, EnumType, EnumValue, Name, NameFault, OperationError};

impl Writer<'_> {
    pub(super) fn create_enum(&self, enum_type: &EnumType) -> Outcome<String> {
        let mut seen = BTreeSet::new();
        if let Some(twice) = enum_type.values.iter().find(|value| !seen.insert(value.as_str())) {
            return Err(self.malformed(format!("it has the value {twice} twice")));
        }
        let values = enum_type.values.iter().map(|value| self.enum_value(value));
        let values = values.collect::<Outcome<Vec<_>>>()?.join(", ");
        Ok(format!("CREATE TYPE {} AS ENUM ({values})", self.qualified(&enum_type.name)?))
    }

    pub(super) fn add_enum_value(&self, name: &Name, value: &EnumValue) -> Outcome<String> {
        let if_not_exists = if value.if_not_exists { "IF NOT EXISTS " } else { "" };
        let position = match &value.position {
            None => String::new(),
            Some(EnumPosition::Before(other)) => format!(" BEFORE {}", self.enum_value(other)?),
            Some(EnumPosition::After(other)) => format!(" AFTER {}", self.enum_value(other)?),
        };
        let (name, value) = (self.qualified(name)?, self.enum_value(&value.value)?);
        Ok(format!("ALTER TYPE {name} ADD VALUE {if_not_exists}{value}{position}"))
    }

    pub(super) fn rename_enum_value(&self, name: &Name, from: &str, to: &str) -> Outcome<String> {
        let (from, to) = (self.enum_value(from)?, self.enum_value(to)?);
        Ok(format!("ALTER TYPE {} RENAME VALUE {from} TO {to}", self.qualified(name)?))
    }

    /// A value, which the server keeps like a name. Unlike one it may be empty.
    pub(super) fn enum_value(&self, value: &str) -> Outcome<String> {
        let fault = if value.contains('\0') {
            NameFault::ZeroByte
        } else if value.len() > LONGEST_NAME {
            NameFault::TooLong { bytes: value.len(), longest: LONGEST_NAME }
        } else {
            return self.text(value);
        };
        Err(OperationError::Name { name: value.to_owned(), dialect: Dialect::Postgres, reason: fault })
    }
}
