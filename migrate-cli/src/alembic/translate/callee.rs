//! What a call calls.

use super::super::python::{BATCH, Expr};

/// A function or a class that migrations know, by where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Callee {
    /// `op.…`
    Operation(String),
    /// An operation of a batch, which has its table already.
    Batch(String),
    /// Something of SQLAlchemy: `Column`, `Integer`, `text`, from whichever of its modules.
    Sqlalchemy(String),
    /// Something of `sqlalchemy.dialects.postgresql`.
    Postgres(String),
    /// `sa.func.…`: a function of the server.
    Function(String),
    /// Something of another package, by its whole path.
    Foreign(String),
}

/// What an expression names; `None` if it is not just a name.
pub(super) fn callee(expression: &Expr) -> Option<Callee> {
    let path = expression.path()?;
    let last = path.rsplit('.').next().unwrap_or_default().to_owned();
    Some(if let Some(name) = path.strip_prefix("alembic.op.") {
        Callee::Operation(name.to_owned())
    } else if path.strip_prefix(BATCH).is_some_and(|rest| rest.starts_with('.')) {
        Callee::Batch(last)
    } else if path.starts_with("sqlalchemy.dialects.postgresql.") {
        Callee::Postgres(last)
    } else if path.starts_with("sqlalchemy.dialects.") {
        Callee::Foreign(path)
    } else if path.starts_with("sqlalchemy.") {
        if path.contains(".func.") { Callee::Function(last) } else { Callee::Sqlalchemy(last) }
    } else {
        Callee::Foreign(path)
    })
}

/// Whether an expression is a call of this class or function of SQLAlchemy.
pub(super) fn is_sqlalchemy(expression: &Expr, name: &str) -> bool {
    match expression {
        Expr::Call(call) => callee(&call.function) == Some(Callee::Sqlalchemy(name.to_owned())),
        _ => false,
    }
}

/// `op.get_bind()`, and what is the same: the connection.
pub(super) fn is_bind(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    match &call.function {
        Expr::Attribute(context, name) if name == "get_bind" || name == "bind" => {
            context.path().as_deref() == Some("alembic.op")
                || matches!(&**context, Expr::Call(call) if callee(&call.function) == Some(Callee::Operation("get_context".to_owned())))
        }
        _ => false,
    }
}
