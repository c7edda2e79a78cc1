use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use migrate_core::adopt::Tool;

use super::{Body, Files, FilesError, Migration, list, name, text, words};

/// How a file begins whose migration runs outside a transaction: its very first characters.
const NO_TRANSACTION: &str = "-- no-transaction";

/// The files of one version.
#[derive(Default)]
struct Version {
    up: Option<(PathBuf, String)>,
    down: Option<PathBuf>,
}

/// Reads `<version>_<description>.sql`, `.up.sql` and `.down.sql`, as `sqlx::migrate` does: not in directories below,
/// every version a number, in their order.
pub(super) fn read(directory: &Path) -> Result<Files, FilesError> {
    let mut versions: BTreeMap<i64, Version> = BTreeMap::new();
    for path in list(directory)? {
        let Some((number, rest)) = name(&path).split_once('_').filter(|_| path.is_file()) else { continue };
        let Some(description) = rest.strip_suffix(".sql") else { continue };
        let id = number.parse().map_err(|_| FilesError::Version {
            tool: Tool::Sqlx,
            path: path.clone(),
            version: number.to_owned(),
        })?;
        let version = versions.entry(id).or_default();
        if description.strip_suffix(".down").is_some() {
            if let Some(first) = version.down.replace(path.clone()) {
                return Err(FilesError::Duplicate { id: id.to_string(), files: [first, path] });
            }
        } else {
            let description = description.strip_suffix(".up").unwrap_or(description);
            if let Some((first, _)) = version.up.replace((path.clone(), words(description))) {
                return Err(FilesError::Duplicate { id: id.to_string(), files: [first, path] });
            }
        }
    }
    let migrations = versions.into_iter().map(migration).collect::<Result<_, _>>()?;
    Ok(Files { migrations, left_out: Vec::new() })
}

fn migration((id, Version { up, down }): (i64, Version)) -> Result<Migration, FilesError> {
    let down_sql = down.as_deref().map(text).transpose()?;
    let Some((path, message)) = up else {
        return Err(FilesError::NoUp { path: down.unwrap_or_default() });
    };
    let up = text(&path)?;
    let outside = |sql: &str| sql.starts_with(NO_TRANSACTION);
    // sqlx asks each file; a revision has one answer, and what must not be in a transaction decides.
    let transaction = !outside(&up) && !down_sql.as_deref().is_some_and(outside);
    Ok(Migration { id: id.to_string(), message, path, body: Body::Sql { up, down: down_sql, transaction } })
}
