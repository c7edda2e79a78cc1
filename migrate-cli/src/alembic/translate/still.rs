//! What does nothing to the database: values that are only made, and talk.

use super::super::python::{Call, Expr};
use super::callee::{Callee, callee, is_bind};

/// Methods of a logger.
const LEVELS: [&str; 6] = ["debug", "info", "warning", "warn", "error", "exception"];

/// Functions that only look at their arguments.
const LOOKS: [&str; 8] = ["len", "str", "repr", "int", "sorted", "list", "range", "sum"];

/// Whether the call only says something: `print`, or a logger's.
pub(super) fn talks(call: &Call) -> bool {
    let is_talker = match &call.function {
        Expr::Attribute(logger, level) if LEVELS.contains(&level.as_str()) => match &**logger {
            Expr::Call(made) => {
                callee(&made.function) == Some(Callee::Foreign("logging.getLogger".to_owned()))
            }
            module => module.path().as_deref() == Some("logging"),
        },
        other => other.path().as_deref() == Some("print"),
    };
    is_talker && call.arguments.iter().all(is_talk) && call.keywords.iter().all(|(_, value)| is_talk(value))
}

/// Whether making the value does nothing but make it.
pub(super) fn is_still(value: &Expr) -> bool {
    match value {
        Expr::Str(_)
        | Expr::Final(_)
        | Expr::Int(_)
        | Expr::Float(_)
        | Expr::Bool(_)
        | Expr::None
        | Expr::Name(_) => true,
        Expr::Not(inner) => is_still(inner),
        Expr::Format(parts) => parts.iter().all(is_still),
        Expr::Attribute(object, _) => is_still(object),
        Expr::List(items) => items.iter().all(is_still),
        Expr::Dict(pairs) => pairs.iter().all(|(key, value)| is_still(key) && is_still(value)),
        Expr::Sum(left, right) | Expr::Compare(left, _, right) | Expr::Both { left, right, .. } => {
            is_still(left) && is_still(right)
        }
        Expr::Call(call) => {
            let makes = match callee(&call.function) {
                Some(Callee::Sqlalchemy(_) | Callee::Postgres(_)) => true,
                Some(Callee::Operation(name)) => name == "get_context",
                Some(Callee::Foreign(path)) => path == "logging.getLogger",
                _ => false,
            };
            let inner = call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value));
            is_bind(value) || makes && inner.into_iter().all(is_still)
        }
        Expr::Other { .. } => false,
    }
}

/// Whether printing it does nothing else.
pub(super) fn is_talk(value: &Expr) -> bool {
    match value {
        Expr::Other { calls, .. } => !calls,
        Expr::Call(call) if call.function.path().is_some_and(|path| LOOKS.contains(&path.as_str())) => {
            call.arguments.iter().all(is_talk)
        }
        Expr::Format(parts) => parts.iter().all(is_talk),
        Expr::Compare(left, _, right) | Expr::Both { left, right, .. } => is_talk(left) && is_talk(right),
        other => is_still(other),
    }
}
