//! Scripts of Alembic that were not taken over.

use super::target::graph_faults;
use super::{CommandError, ErrorKind, source};
use crate::alembic::ConvertError;

/// A directory of scripts that was not taken over, or not wholly.
pub(crate) fn converting(error: &ConvertError) -> CommandError {
    let told = |code| CommandError::new(ErrorKind::Source, code, error).sources(error);
    match error {
        ConvertError::NoScripts { .. } => {
            told("no_scripts").hint("name the directory with `env.py`, or the one with the scripts: its `versions`")
        }
        ConvertError::Syntax { .. } => told("not_python").hint("does `python -m py_compile` take it? Python 2 is not read"),
        ConvertError::Header { .. } => told("header")
            .hint("`revision`, `down_revision` and the like have to be plain strings; put them in by hand, in a copy")
            .hint("a name that is imported can be told: --let app.db.BRANCH=\"'main'\""),
        ConvertError::Said { option: "--let", .. } => {
            told("said").hint("a name with its module, and what it stands for, in Python: --let app.types.Time='sa.DateTime()'")
        }
        ConvertError::Said { .. } => {
            told("said").hint("as `naming_convention` has it: --naming 'pk=pk_%(table_name)s'")
        }
        ConvertError::Graph { errors, duplicates } => {
            let mut told = graph_faults(errors);
            for (id, files) in duplicates {
                let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
                told = told.hint(format_args!("{id} stands in {}", files.join(" and ")));
            }
            told.hint("nothing was written")
        }
        ConvertError::NoSections { .. } => told("no_sections")
            .hint("it is made by: alembic upgrade base:heads --sql > upgrade.sql")
            .hint("and for the way down: alembic downgrade heads:base --sql > downgrade.sql"),
        ConvertError::Exists { .. } => told("exists").hint("--force writes over them").hint("nothing was written"),
        ConvertError::Target(error) => source::reading(error),
        ConvertError::Unreadable { .. } => told("unreadable"),
        ConvertError::Unwritable { source, .. } => {
            let told = told("unwritable");
            match source.kind() {
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    told.hint("the directory does not take new files: check its owner and permissions")
                }
                _ => told.hint("the files before it are written; with --force the same command begins anew"),
            }
        }
    }
}
