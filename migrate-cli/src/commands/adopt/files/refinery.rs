use std::path::{Path, PathBuf};

use migrate_core::adopt::Tool;

use super::{Body, Files, FilesError, Migration, list, name, text, words};

/// Reads `V1__name.sql` and `.rs`, `U1__name` too, as refinery does: in directories below as well, by version.
///
/// A `.rs` file makes its SQL when it is run, so there is none to take over. refinery undoes nothing.
pub(super) fn read(directory: &Path) -> Result<Files, FilesError> {
    let mut found = Vec::new();
    collect(directory, &mut found)?;
    found.sort_by_key(|(version, _)| *version);
    Ok(Files {
        migrations: found.into_iter().map(|(_, migration)| migration).collect(),
        left_out: Vec::new(),
    })
}

fn collect(directory: &Path, found: &mut Vec<(i64, Migration)>) -> Result<(), FilesError> {
    for path in list(directory)? {
        if path.is_dir() {
            collect(&path, found)?;
        } else if let Some(migration) = migration(path)? {
            found.push(migration);
        }
    }
    Ok(())
}

fn migration(path: PathBuf) -> Result<Option<(i64, Migration)>, FilesError> {
    let Some((version, message, is_sql)) = parts(name(&path)) else { return Ok(None) };
    let version: i64 = version.parse().map_err(|_| FilesError::Version {
        tool: Tool::Refinery,
        path: path.clone(),
        version: version.to_owned(),
    })?;
    let body = if is_sql {
        Body::Sql { up: text(&path)?, down: None, transaction: true }
    } else {
        Body::Rust { reversible: false }
    };
    let migration = Migration { id: version.to_string(), message: words(message), path, body };
    Ok(Some((version, migration)))
}

/// The version and the name in `V1__name.sql`; whether it is SQL. Other files are none of refinery's.
fn parts(file: &str) -> Option<(&str, &str, bool)> {
    let (stem, extension) = file.rsplit_once('.')?;
    let (version, name) = stem.strip_prefix(['U', 'V'])?.split_once("__")?;
    let is_number = version.starts_with(|first: char| first.is_ascii_digit())
        && version.chars().all(|character| character.is_ascii_digit() || character == '.');
    let is_name =
        !name.is_empty() && name.chars().all(|character| character.is_alphanumeric() || character == '_');
    match extension {
        _ if !is_number || !is_name => None,
        "sql" => Some((version, name, true)),
        "rs" => Some((version, name, false)),
        _ => None,
    }
}
