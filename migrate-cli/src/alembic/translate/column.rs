//! Columns.

use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::{Callee, callee, is_sqlalchemy};
use super::constraint::{self, Check, ForeignKey};
use super::default::server_default;
use super::rust::text;
use super::sql::sql;
use super::types::{Type, type_of};
use super::{NotPlain, Plain};

/// A column as the script declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in the script")]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) type_: Type,
    pub(super) nullable: bool,
    pub(super) primary_key: bool,
    pub(super) unique: bool,
    pub(super) index: bool,
    pub(super) references: Vec<ForeignKey>,
    pub(super) checks: Vec<Check>,
    default: Option<String>,
    identity: Option<String>,
    generated: Option<String>,
    comment: Option<String>,
    numbering: Numbering,
    if_not_exists: bool,
}

/// What the script says of `autoincrement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    /// Nothing: a key of one whole number is numbered, unless it has a default of Python's.
    Automatic {
        has_default: bool,
    },
    Always,
    Never,
}

impl Column {
    /// Whether Alembic makes it `SERIAL`, if it is the primary key, `alone` or among others.
    pub(super) fn numbers_itself(&self, alone: bool, refers: bool) -> bool {
        let is_free = self.default.is_none() && self.identity.is_none() && self.generated.is_none();
        let asked = match self.numbering {
            Numbering::Automatic { has_default } => alone && !has_default && !refers,
            Numbering::Always => true,
            Numbering::Never => false,
        };
        asked && is_free && self.type_.kind.serial().is_some()
    }

    /// `column(…)` with everything but what is said for the whole table.
    pub(super) fn rust(&self, role: Role) -> String {
        let type_ = match role {
            Role::Numbered { .. } => self.type_.kind.serial().unwrap_or(&self.type_.rust),
            Role::Plain | Role::Key => &self.type_.rust,
        };
        let is_key = matches!(role, Role::Key | Role::Numbered { alone: true });
        let mut rust = format!("column({}, {type_})", text(&self.name));
        rust.push_str(self.identity.as_deref().unwrap_or_default());
        if is_key {
            rust.push_str(".primary_key()");
        } else if !self.nullable && self.identity.is_none() && role == Role::Plain {
            rust.push_str(".not_null()");
        }
        if self.unique && !self.index {
            rust.push_str(".unique()");
        }
        if let Some(default) = &self.default {
            let _ = write!(rust, ".default({default})");
        }
        if let Some(generated) = &self.generated {
            rust.push_str(generated);
        }
        for check in self.checks.iter().filter(|check| check.name.is_none()) {
            let _ = write!(rust, ".check({})", text(&check.condition));
        }
        if let [key] = self.references.as_slice()
            && key.is_short()
        {
            rust.push_str(&key.of_column());
        }
        if let Some(comment) = &self.comment {
            let _ = write!(rust, ".comment({})", text(comment));
        }
        if self.if_not_exists {
            rust.push_str(".if_not_exists()");
        }
        rust
    }

    /// What has to be said for the table: foreign keys with more than a column's, and checks with names.
    pub(super) fn constraints(&self) -> Vec<String> {
        let is_apart = |key: &&ForeignKey| !key.is_short() || self.references.len() > 1;
        let keys = self.references.iter().filter(is_apart).map(ForeignKey::rust);
        let named = self.checks.iter().filter(|check| check.name.is_some());
        keys.chain(named.map(Check::rust)).collect()
    }

    /// The same, added only if there is none of its name.
    pub(super) fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

/// What a column is within its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// The primary key, alone.
    Key,
    /// A whole number that the server numbers, the primary key alone or with others.
    Numbered {
        alone: bool,
    },
}

/// Reads `Column(name, type, …)`.
pub(super) fn column(expression: &Expr) -> Plain<Column> {
    let call = match expression {
        Expr::Call(call) if is_sqlalchemy(expression, "Column") => call,
        other => return Err(NotPlain::new(format_args!("{other} as a column"))),
    };
    let mut arguments = Arguments::of(call);
    let name = arguments.text(0, "name")?;
    let type_ = if let Some(type_) = arguments.keyword("type_") {
        type_of(type_)?
    } else {
        let type_ = arguments.take(1, "type");
        type_of(type_.ok_or_else(|| NotPlain::new(format_args!("column {name:?} without a type")))?)?
    };
    let primary_key = arguments.flag("primary_key")?.unwrap_or(false);
    let numbering = numbering(&mut arguments)?;
    let mut column = Column {
        nullable: arguments.flag("nullable")?.unwrap_or(!primary_key),
        primary_key,
        unique: arguments.flag("unique")?.unwrap_or(false),
        index: arguments.flag("index")?.unwrap_or(false),
        references: Vec::new(),
        checks: Vec::new(),
        default: None,
        identity: None,
        generated: None,
        comment: arguments.optional_text(None, "comment")?,
        numbering,
        if_not_exists: false,
        name,
        type_,
    };
    match arguments.keyword("server_default") {
        Some(computed) if is_sqlalchemy(computed, "Computed") || is_sqlalchemy(computed, "Identity") => {
            column.attach(computed)?;
        }
        Some(value) => column.default = server_default(value, column.type_.kind)?,
        None => {}
    }
    arguments.ignore(&[
        "info",
        "key",
        "quote",
        "doc",
        "system",
        "onupdate",
        "server_onupdate",
        "insert_default",
    ]);
    for attached in arguments.rest(1) {
        column.attach(attached)?;
    }
    arguments.finish()?;
    Ok(column)
}

fn numbering(arguments: &mut Arguments<'_>) -> Plain<Numbering> {
    let has_default = arguments.keyword("default").is_some_and(|default| *default != Expr::None);
    match arguments.keyword("autoincrement") {
        None => Ok(Numbering::Automatic { has_default }),
        Some(Expr::Str(word)) if word == "auto" => Ok(Numbering::Automatic { has_default }),
        Some(Expr::Str(word)) if word == "ignore_fk" => Ok(Numbering::Always),
        Some(Expr::Bool(true)) => Ok(Numbering::Always),
        Some(Expr::Bool(false)) => Ok(Numbering::Never),
        Some(other) => Err(arguments.unexpected("autoincrement", other)),
    }
}

impl Column {
    /// What stands among a column's positional arguments.
    fn attach(&mut self, attached: &Expr) -> Plain<()> {
        let unknown = || NotPlain::new(format_args!("{attached} with column {:?}", self.name));
        let call = match attached {
            Expr::Call(call) => call,
            Expr::None => return Ok(()),
            _ => return Err(unknown()),
        };
        match callee(&call.function) {
            Some(Callee::Sqlalchemy(name)) => match name.as_str() {
                "ForeignKey" => self.references.push(constraint::of_column(&self.name, call)?),
                "CheckConstraint" => self.checks.push(constraint::check(call)?),
                "Computed" => self.generated = Some(generated(call)?),
                "Identity" => {
                    self.identity = Some(identity(call)?);
                    self.nullable = false;
                }
                _ => return Err(unknown()),
            },
            _ => return Err(unknown()),
        }
        Ok(())
    }
}

fn generated(call: &Call) -> Plain<String> {
    let mut arguments = Arguments::of(call);
    let expression =
        arguments.take(0, "sqltext").ok_or_else(|| NotPlain::new("a computed column of nothing"))?;
    let expression = text(&sql(expression)?);
    let stored = arguments.flag("persisted")?;
    arguments.finish()?;
    Ok(match stored {
        None | Some(true) => format!(".generated({expression})"),
        Some(false) => format!(".generated_virtual({expression})"),
    })
}

fn identity(call: &Call) -> Plain<String> {
    let mut arguments = Arguments::of(call);
    let always = arguments.flag("always")?.unwrap_or(false);
    let start = arguments.number(None, "start")?;
    let increment = arguments.number(None, "increment")?;
    arguments.finish()?;
    Ok(match (always, start, increment) {
        (false, None, None) => ".identity()".to_owned(),
        (true, None, None) => ".identity_always()".to_owned(),
        // The struct has no short way, and is not in the prelude.
        _ => format!(
            ".identity_with(migrate_core::operation::Identity {{ always: {always}, start: {start:?}, increment: {increment:?} }})"
        ),
    })
}
