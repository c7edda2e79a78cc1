//! Words of other tools, and words that lack something: what clap cannot know.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::pages;

/// Adds to a mistake in the arguments what was most likely meant.
pub(crate) fn advise(mut error: clap::Error, arguments: &[OsString], program: &str) -> clap::Error {
    let advice = match error.kind() {
        ErrorKind::InvalidSubcommand => match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(word)) => of_another_tool(word),
            _ => None,
        },
        ErrorKind::UnknownArgument => match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(option)) => option_of_alembic(option),
            _ => None,
        },
        ErrorKind::MissingRequiredArgument => {
            arguments.iter().skip(1).find_map(|word| without_target(word.to_str()?))
        }
        _ => None,
    };
    if let Some(advice) = advice {
        let advice = advice.replace("{program}", program).replace("{autogenerate}", pages::AUTOGENERATE);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    error
}

/// What Diesel, Alembic, sqlx, Rails and others call what has another name here.
fn of_another_tool(word: &str) -> Option<&'static str> {
    Some(match word {
        "run" | "up" | "migrate" | "apply" => "here it is `{program} upgrade`",
        "revert" | "rollback" | "down" | "undo" => {
            "here it is `{program} downgrade -1`, and `base` in the place of `-1` for all"
        }
        "generate" | "make" | "add" => "here it is `{program} new \"create users\"`",
        "list" | "pending" | "info" => "here it is `{program} status`; `{program} history` asks no database",
        "log" => "here it is `{program} history`",
        "migration" | "database" => "the commands stand alone here: `{program} upgrade`, `{program} status`",
        "setup" | "ensure_version" => "not needed: `{program} upgrade` makes its own tables",
        "reset" | "fresh" => "here it is `{program} downgrade base`, then `{program} upgrade`",
        "edit" => "`{program} show <revision>` prints the path of the file",
        "help" => "here it is `{program} --help`, or `{program} upgrade --help` for one command",
        _ => return None,
    })
}

/// What has no counterpart here, because there is no `env.py` and no `alembic.ini`.
fn option_of_alembic(option: &str) -> Option<&'static str> {
    Some(match option {
        "--autogenerate" => "nothing is compared with models here: {autogenerate}",
        "-x" | "--tag" => "there is no `env.py` to pass it to; a migration may read the environment",
        "-c" | "--config" | "-n" | "--name" => {
            "there is no `alembic.ini`: DATABASE_URL or --database-url names the database"
        }
        _ => return None,
    })
}

/// What a command takes that was given nothing.
fn without_target(command: &str) -> Option<&'static str> {
    Some(match command {
        "downgrade" => "`{program} downgrade -1` undoes the last revision, `base` all of them",
        "show" => "an id, the start of one, `head` or `current`: `{program} show head`",
        "stamp" => "the revision that the database is at: `{program} stamp head`",
        "new" | "create" | "revision" => "what the migration does: `{program} new \"create users\"`",
        "merge" => "the revisions to join, or all heads: `{program} merge heads -m \"…\"`",
        _ => return None,
    })
}
