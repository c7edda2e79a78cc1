//! How values print.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::catalog::model::Identifier;
use crate::catalog::{
    Action, Deferrable, Function, FunctionKind, Generated, GeneratedKind, Identity, IdentityKind, IndexKey,
    IndexTarget, Match, NotNull, Nulls, Order, PolicyCommand, ReplicaIdentity, SequenceOptions, TriggerState,
};

/// `true`, or nothing for what is so by default.
pub(super) fn flag(value: bool) -> Option<String> {
    value.then(|| "true".to_owned())
}

/// `false`, or nothing for what is so by default.
pub(super) fn unless(value: bool) -> Option<String> {
    (!value).then(|| "false".to_owned())
}

/// A list, or nothing when it is empty.
pub(super) fn list<T: Display>(values: impl IntoIterator<Item = T>) -> Option<String> {
    let values: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// Names in a list.
pub(super) fn names(values: &[String]) -> Option<String> {
    list(values.iter().map(|name| Identifier(name)))
}

/// Texts in a list, in single quotes.
pub(super) fn literals(values: &[String]) -> Option<String> {
    list(values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))))
}

/// Options in a list.
pub(super) fn options(values: &BTreeMap<String, String>) -> Option<String> {
    let plain = |text: &str| !text.is_empty() && !text.contains([',', '=', '\'', ' ']);
    let part =
        |text: &str| if plain(text) { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) };
    list(values.iter().map(|(name, value)| format!("{}={}", part(name), part(value))))
}

pub(super) fn generated(value: &Generated) -> String {
    let kind = match value.kind {
        GeneratedKind::Stored => "stored",
        GeneratedKind::Virtual => "virtual",
    };
    format!("as ({}) {kind}", value.expression)
}

pub(super) fn identity(value: &Identity) -> String {
    let kind = match value.kind {
        IdentityKind::Always => "always as identity",
        IdentityKind::ByDefault => "by default as identity",
        IdentityKind::AutoIncrement => "autoincrement",
    };
    let sequence = value.sequence.as_ref().map(|name| format!("sequence {name}"));
    let inner: Vec<_> = sequence.into_iter().chain(value.options.as_ref().map(sequence_options)).collect();
    if inner.is_empty() { kind.to_owned() } else { format!("{kind} ({})", inner.join(", ")) }
}

pub(super) fn sequence_options(value: &SequenceOptions) -> String {
    let SequenceOptions { type_, start, increment, min, max, cache, cycle } = value;
    let cycle = if *cycle { ", cycle" } else { "" };
    format!("{type_} start {start} increment {increment} min {min} max {max} cache {cache}{cycle}")
}

pub(super) fn not_null(value: &NotNull) -> String {
    let NotNull { name, validated, no_inherit, comment } = value;
    let mut text = Identifier(name).to_string();
    text.push_str(if *validated { "" } else { " not valid" });
    text.push_str(if *no_inherit { " no inherit" } else { "" });
    if let Some(comment) = comment {
        text.extend([" comment '", &comment.replace('\'', "''"), "'"]);
    }
    text
}

pub(super) fn key(value: &IndexKey) -> String {
    let IndexKey { target, order, nulls, opclass, collation } = value;
    let mut text = match target {
        IndexTarget::Column(name) => Identifier(name).to_string(),
        IndexTarget::Expression(expression) => format!("({expression})"),
    };
    for (word, value) in [("collate ", collation), ("", opclass)] {
        if let Some(value) = value {
            text.extend([" ", word, value]);
        }
    }
    text.push_str(if *order == Order::Desc { " desc" } else { "" });
    text.push_str(match nulls {
        Nulls::Default => "",
        Nulls::First => " nulls first",
        Nulls::Last => " nulls last",
    });
    text
}

pub(super) fn keys(values: &[IndexKey]) -> Option<String> {
    list(values.iter().map(key))
}

pub(super) fn deferrable(value: Deferrable) -> Option<String> {
    let text = match value {
        Deferrable::No => return None,
        Deferrable::InitiallyImmediate => "initially immediate",
        Deferrable::InitiallyDeferred => "initially deferred",
    };
    Some(text.to_owned())
}

pub(super) fn action(value: Action) -> Option<String> {
    let text = match value {
        Action::NoAction => return None,
        Action::Restrict => "restrict",
        Action::Cascade => "cascade",
        Action::SetNull => "set null",
        Action::SetDefault => "set default",
    };
    Some(text.to_owned())
}

pub(super) fn matching(value: Match) -> Option<String> {
    let text = match value {
        Match::Simple => return None,
        Match::Full => "full",
        Match::Partial => "partial",
    };
    Some(text.to_owned())
}

pub(super) fn state(value: TriggerState) -> Option<String> {
    let text = match value {
        TriggerState::Enabled => return None,
        TriggerState::Disabled => "disabled",
        TriggerState::Replica => "replica",
        TriggerState::Always => "always",
    };
    Some(text.to_owned())
}

pub(super) fn command(value: PolicyCommand) -> &'static str {
    match value {
        PolicyCommand::All => "all",
        PolicyCommand::Select => "select",
        PolicyCommand::Insert => "insert",
        PolicyCommand::Update => "update",
        PolicyCommand::Delete => "delete",
    }
}

pub(super) fn replica_identity(value: &ReplicaIdentity) -> Option<String> {
    match value {
        ReplicaIdentity::Default => None,
        ReplicaIdentity::Nothing => Some("nothing".to_owned()),
        ReplicaIdentity::Full => Some("full".to_owned()),
        ReplicaIdentity::Index(name) => Some(format!("index {}", Identifier(name))),
    }
}

pub(super) fn function_kind(function: &Function) -> &'static str {
    match function.kind {
        FunctionKind::Function => "function",
        FunctionKind::Procedure => "procedure",
        FunctionKind::Aggregate => "aggregate",
        FunctionKind::Window => "window",
    }
}
