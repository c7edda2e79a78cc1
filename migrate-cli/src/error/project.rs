//! A crate of migrations that could not be made.

use super::{CommandError, ErrorKind};
use crate::project::ProjectError;

/// Why `init` made nothing.
pub(crate) fn project(error: &ProjectError) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Source, code, error).sources(error);
    match error {
        ProjectError::Name { .. } => CommandError::new(ErrorKind::Usage, "bad_name", error)
            .hint("letters, digits, `-` and `_`, beginning with a letter, and no word of the language"),
        ProjectError::NotEmpty { holds, .. } => told("not_empty")
            .hint(format_args!("it holds {}", listed(holds)))
            .hint("for a workspace of its own, name a new directory: {program} init db")
            .hint("or make a Cargo project of this one first: cargo init"),
        ProjectError::Exists { .. } => {
            told("exists").hint("it was left as it is; --name gives the crate another name")
        }
        ProjectError::Io { source, .. } => match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                told("unwritable").hint("check its owner and permissions; nothing was changed")
            }
            _ => told("unwritable").hint("nothing was changed"),
        },
        ProjectError::Toml { .. } => told("bad_toml").hint("`cargo check` shows the place"),
        ProjectError::Members { .. } => told("bad_members").hint("make it one: members = [\"…\"]"),
        ProjectError::NoCargo { .. } => {
            told("no_cargo").hint("it comes with Rust: https://rustup.rs").hint("nothing was changed")
        }
        ProjectError::Refused { .. } => told("refused").hint("nothing was changed"),
        ProjectError::NotAMember { .. } => told("not_a_member")
            .hint("the workspace excludes it, or is one within another; --name gives it another name"),
        ProjectError::NoCheckout { .. } => {
            told("no_checkout").hint("leave --checkout out to take the registry's")
        }
    }
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let some = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}
