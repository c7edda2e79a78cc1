//! Whether the arguments of `#[migration(…)]` make sense together and with the item they stand on.

use proc_macro2::Ident;
use syn::LitStr;

use crate::args::{Allow, Arguments, Errors, List};
use crate::model::{Item, Migration, Shape};

/// Turns arguments and item into a migration; `None` when there is anything in `errors`.
pub(crate) fn validate(arguments: &Arguments, item: &Item, errors: &mut Errors) -> Option<Migration> {
    check_item(item, errors);
    check_revision(arguments, errors);
    check_edges(arguments, errors);
    check_labels(arguments, errors);
    check_allow(arguments, errors);
    if let Some(reason) = &arguments.irreversible
        && reason.value().trim().is_empty()
    {
        errors.on(reason, "`irreversible` needs a reason: it is shown when a downgrade is refused");
    }
    if let Some(message) = &arguments.message
        && message.value().contains(['\n', '\r'])
    {
        errors.on(message, "`message` is one line");
    }

    let Shape::Unit(name) = &item.shape else { return None };
    let message = match &arguments.message {
        Some(message) => message.value(),
        None => item.first_doc_line().unwrap_or_default(),
    };
    Some(Migration {
        root: arguments.root.clone(),
        name: name.clone(),
        revision: arguments.revision.clone()?,
        down_revisions: arguments.down_revision.items.clone(),
        depends_on: arguments.depends_on.items.clone(),
        branch_labels: arguments.branch_labels.items.clone(),
        message,
        transaction: arguments.transaction.as_ref().is_none_or(|transaction| transaction.value),
        irreversible: arguments.irreversible.clone(),
        allow: excuses(arguments).collect(),
    })
}

fn check_item(item: &Item, errors: &mut Errors) {
    match &item.shape {
        Shape::Unit(_) => {}
        Shape::Generic(generics) => {
            errors.on(generics, "a migration is one value: its struct has no parameters");
        }
        Shape::Fields(fields) => {
            errors.on(fields, "a migration is one value: `struct Name;`, without fields");
        }
        Shape::Other(keyword) => {
            errors.on(keyword, format_args!("`#[migration]` belongs on a unit struct, not on `{keyword}`"));
        }
    }
}

fn check_revision(arguments: &Arguments, errors: &mut Errors) {
    match &arguments.revision {
        Some(revision) => check_name(revision, "revision", errors),
        None if arguments.seen.contains(&"revision") || arguments.misspelt.contains(&"revision") => {}
        None => {
            errors.at(
                proc_macro2::Span::call_site(),
                "argument `revision` is missing: `revision = \"abc123\"`",
            );
        }
    }
}

fn check_edges(arguments: &Arguments, errors: &mut Errors) {
    let parents = &arguments.down_revision;
    if let (Some(brackets), []) = (parents.brackets, &*parents.items) {
        errors.at(brackets, "an empty merge: leave `down_revision` out for a base");
    }
    check_list(parents, "down_revision", errors);
    check_list(&arguments.depends_on, "depends_on", errors);
    let Some(own) = &arguments.revision else { return };
    for (list, edge) in [(parents, "parent"), (&arguments.depends_on, "dependency")] {
        for name in list.items.iter().filter(|name| name.value() == own.value()) {
            errors.on(name, format_args!("revision `{}` is its own {edge}", own.value()));
        }
    }
}

fn check_labels(arguments: &Arguments, errors: &mut Errors) {
    check_list(&arguments.branch_labels, "branch_labels", errors);
    let Some(own) = &arguments.revision else { return };
    for label in arguments.branch_labels.items.iter().filter(|label| label.value() == own.value()) {
        errors.on(label, "a branch label differs from the revision's own id");
    }
}

/// Whether each excuse has a reason, and each rule one excuse.
///
/// Whether a rule exists is for rustc to say: the code that is emitted names a constant of `migrate_core`, so there
/// is one list of rules, and a rule that is gone can stay as a deprecated constant.
fn check_allow(arguments: &Arguments, errors: &mut Errors) {
    for Allow { rules, reason, span } in &arguments.allow {
        if rules.is_empty() {
            errors
                .at(*span, "`allow` names no rule: `allow(drop_column, reason = \"why that is safe here\")`");
        }
        match reason {
            None => errors.at(*span, "`allow` needs a reason: `reason = \"why that is safe here\"`"),
            Some(reason) if reason.value().trim().is_empty() => {
                errors.on(reason, "`allow` needs a reason: it is shown where the rule would have been");
            }
            Some(_) => {}
        }
    }
    let rules: Vec<_> = arguments.allow.iter().flat_map(|allow| &allow.rules).collect();
    for (at, rule) in rules.iter().enumerate() {
        if rules[..at].contains(rule) {
            errors.on(rule, format_args!("rule `{rule}` is allowed already"));
        }
    }
}

fn excuses(arguments: &Arguments) -> impl Iterator<Item = (Ident, LitStr)> {
    arguments.allow.iter().flat_map(|allow| {
        let reason = allow.reason.iter();
        reason.flat_map(|reason| allow.rules.iter().map(|rule| (rule.clone(), reason.clone())))
    })
}

fn check_list(list: &List, argument: &str, errors: &mut Errors) {
    for (at, name) in list.items.iter().enumerate() {
        if list.items[..at].iter().any(|earlier| earlier.value() == name.value()) {
            errors.on(name, format_args!("`{}` is repeated in `{argument}`", name.value()));
        } else {
            check_name(name, argument, errors);
        }
    }
}

fn check_name(name: &LitStr, argument: &str, errors: &mut Errors) {
    if let Some(problem) = problem(&name.value()) {
        errors.on(name, format_args!("`{argument}`: {problem}"));
    }
}

/// Why a text cannot be a revision id or a branch label.
///
/// The characters and words that are refused mean something in a target: `label@head`, `abc+2`, `a:b`.
pub(crate) fn problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("an empty name".to_owned());
    }
    if matches!(name, "head" | "heads" | "base" | "current") {
        return Some(format!("`{name}` is reserved for targets"));
    }
    let refused = |character: &char| {
        matches!(character, '@' | '-' | '+' | ':' | ',')
            || character.is_whitespace()
            || character.is_control()
    };
    let character = name.chars().find(refused)?;
    Some(format!("{character:?} cannot be part of a name (neither can `@ - + : ,` or white space)"))
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn names_that_mean_something_in_a_target_are_refused() {
        for name in
            ["", "head", "heads", "base", "current", "a@b", "a-b", "a+1", "a:b", "a b", "a,b", "a\u{7}"]
        {
            assert!(problem(name).is_some(), "{name:?}");
        }
    }

    #[test]
    fn other_names_are_fine() {
        for name in ["abc123", "0001", "2024_01_add", "é", "headers", "a.b/c"] {
            assert_eq!(problem(name), None, "{name:?}");
        }
    }
}
