//! Conditions on the server, which are all that is known before a migration runs.

use super::super::python::{Call, Expr};
use super::callee::{Callee, callee, is_bind};

/// On which servers a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Servers {
    postgres: bool,
    sqlite: bool,
    /// `MySQL`, SQL Server, Oracle: servers that there are scripts for at most.
    others: bool,
}

/// What becomes of an `if`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// The same branch on every server of ours.
    Always(bool),
    /// The condition, in Rust.
    Here(&'static str),
}

impl Servers {
    const ALL: Self = Self { postgres: true, sqlite: true, others: true };
    const NONE: Self = Self { postgres: false, sqlite: false, others: false };

    fn of(name: &str) -> Self {
        match name {
            "postgresql" | "postgres" => Self { postgres: true, ..Self::NONE },
            "sqlite" => Self { sqlite: true, ..Self::NONE },
            _ => Self { others: true, ..Self::NONE },
        }
    }

    pub(super) fn not(self) -> Self {
        Self { postgres: !self.postgres, sqlite: !self.sqlite, others: !self.others }
    }

    fn or(self, other: Self) -> Self {
        Self {
            postgres: self.postgres || other.postgres,
            sqlite: self.sqlite || other.sqlite,
            others: self.others || other.others,
        }
    }

    /// What the `if` becomes. Branches for other servers than ours are left out.
    pub(super) fn choice(self) -> Choice {
        match (self.postgres, self.sqlite, self.others) {
            (true, true, _) => Choice::Always(true),
            (false, false, _) => Choice::Always(false),
            (true, false, false) => Choice::Here("cx.dialect() == Dialect::Postgres"),
            (true, false, true) => Choice::Here("cx.dialect() != Dialect::Sqlite"),
            (false, true, false) => Choice::Here("cx.dialect() == Dialect::Sqlite"),
            (false, true, true) => Choice::Here("cx.dialect() != Dialect::Postgres"),
        }
    }
}

/// On which servers the condition holds; `None` if it asks for something else.
pub(super) fn servers(condition: &Expr) -> Option<Servers> {
    match condition {
        Expr::Bool(holds) => Some(if *holds { Servers::ALL } else { Servers::NONE }),
        Expr::Not(inner) => Some(servers(inner)?.not()),
        Expr::Both { left, right, is_or } => {
            let (left, right) = (servers(left)?, servers(right)?);
            Some(if *is_or { left.or(right) } else { left.not().or(right.not()).not() })
        }
        Expr::Compare(left, sign, right) => compared(left, sign, right),
        Expr::Call(call) => of_call(call),
        // A migration here always has its server before it.
        Expr::Attribute(context, name) if name == "as_sql" && is_context(context) => Some(Servers::NONE),
        _ => None,
    }
}

fn compared(left: &Expr, sign: &str, right: &Expr) -> Option<Servers> {
    let (name, names) = if is_name(left) { (left, right) } else { (right, left) };
    if !is_name(name) {
        return None;
    }
    let among =
        |names: Vec<String>| names.iter().fold(Servers::NONE, |servers, name| servers.or(Servers::of(name)));
    match (sign, names) {
        ("==", Expr::Str(name)) => Some(Servers::of(name)),
        ("!=", Expr::Str(name)) => Some(Servers::of(name).not()),
        ("in", Expr::List(_)) if name == left => Some(among(names.texts()?)),
        ("not in", Expr::List(_)) if name == left => Some(among(names.texts()?).not()),
        _ => None,
    }
}

fn of_call(call: &Call) -> Option<Servers> {
    match (callee(&call.function)?, call.arguments.as_slice()) {
        (Callee::Foreign(path), []) if path == "alembic.context.is_offline_mode" => Some(Servers::NONE),
        (Callee::Foreign(path), [dialect, class]) if path == "isinstance" && is_dialect(dialect) => {
            let class = class.path()?;
            let of = class.strip_prefix("sqlalchemy.dialects.")?;
            Some(Servers::of(of.split('.').next()?))
        }
        _ => None,
    }
}

/// `op.get_context()`
fn is_context(expression: &Expr) -> bool {
    matches!(expression, Expr::Call(call) if callee(&call.function) == Some(Callee::Operation("get_context".to_owned())))
}

/// `op.get_bind().dialect`, also of its engine, and of the context.
fn is_dialect(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(of, name) if name == "dialect" => is_engine(of) || is_context(of),
        _ => false,
    }
}

fn is_engine(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(of, name) if name == "engine" => is_bind(of),
        Expr::Attribute(of, name) if name == "bind" => is_context(of),
        other => is_bind(other),
    }
}

/// The server's name: `op.get_bind().dialect.name`, `op.get_bind().engine.name`.
fn is_name(expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(of, name) if name == "name" => {
            is_dialect(of)
                || matches!(&**of, Expr::Attribute(_, engine) if engine == "engine") && is_engine(of)
        }
        _ => false,
    }
}
