//! Functions and procedures of PostgreSQL.

use super::name::{Dropped, Name};

/// The definition of a function (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its arguments as SQL: `a integer, b integer DEFAULT 0`.
    pub arguments: String,
    /// What it returns as SQL: `integer`, `trigger`, `TABLE (id bigint)`; nothing for a procedure.
    pub returns: Option<String>,
    /// Its language.
    pub language: String,
    /// Its body.
    pub body: String,
    /// What stands between: `IMMUTABLE PARALLEL SAFE`, `SECURITY DEFINER SET search_path = app`.
    pub options: String,
    /// Whether it takes the place of one of this name and these arguments.
    pub or_replace: bool,
    /// The body that it replaces, for the inverse.
    pub previous: Option<String>,
}

/// A function (PostgreSQL): `function("touch", "").returns("trigger").language("plpgsql").body("BEGIN … END")`.
///
/// Without a language it is plain SQL; without `returns` a procedure.
pub fn function(name: impl Into<Name>, arguments: impl Into<String>) -> Function {
    Function {
        name: name.into(),
        arguments: arguments.into(),
        returns: None,
        language: "sql".to_owned(),
        body: String::new(),
        options: String::new(),
        or_replace: false,
        previous: None,
    }
}

impl Function {
    /// What it returns.
    pub fn returns(self, type_: impl Into<String>) -> Self {
        Self { returns: Some(type_.into()), ..self }
    }

    /// Its language.
    pub fn language(self, language: impl Into<String>) -> Self {
        Self { language: language.into(), ..self }
    }

    /// Its body, without quotes around it.
    pub fn body(self, body: impl Into<String>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// What stands between: `IMMUTABLE PARALLEL SAFE`.
    pub fn options(self, options: impl Into<String>) -> Self {
        Self { options: options.into(), ..self }
    }

    /// Takes the place of one of this name and these arguments; its inverse needs [`replacing`](Self::replacing).
    pub fn or_replace(self) -> Self {
        Self { or_replace: true, ..self }
    }

    /// Takes the place of one with this body, which the inverse brings back.
    pub fn replacing(self, body: impl Into<String>) -> Self {
        Self { or_replace: true, previous: Some(body.into()), ..self }
    }
}

impl From<Function> for Dropped<Function> {
    fn from(function: Function) -> Self {
        Self::defined(function.name.clone(), function)
    }
}
