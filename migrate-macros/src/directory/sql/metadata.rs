//! `metadata.toml`: whether a migration runs in a transaction.

use std::path::Path;

/// What the file says.
pub(super) struct Metadata {
    pub(super) run_in_transaction: bool,
    /// Where it is, an absolute path.
    pub(super) path: String,
}

/// Reads the file, if there is one.
///
/// Diesel takes a file that it cannot read for none, and one that does not say `run_in_transaction` for `false`; both
/// are mistakes here.
pub(super) fn read(directory: &Path, place: &str) -> Result<Option<Metadata>, String> {
    let path = directory.join("metadata.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot read {place}/metadata.toml: {error}")),
    };
    let run_in_transaction =
        run_in_transaction(&text).map_err(|problem| format!("{place}/metadata.toml {problem}"))?;
    Ok(Some(Metadata { run_in_transaction, path: path.to_string_lossy().into_owned() }))
}

#[cfg(feature = "diesel-migrations")]
fn run_in_transaction(text: &str) -> Result<bool, String> {
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| format!("is not TOML: {}", error.message()))?;
    match table.get("run_in_transaction") {
        Some(toml::Value::Boolean(value)) => Ok(*value),
        Some(other) => Err(format!(
            "says `run_in_transaction` with a value of type {}: `true` or `false` is meant",
            other.type_str()
        )),
        None => {
            Err("does not say `run_in_transaction`, and Diesel takes that for `false`: say it".to_owned())
        }
    }
}

/// Never asked: without the feature the argument itself is refused.
#[cfg(not(feature = "diesel-migrations"))]
fn run_in_transaction(_: &str) -> Result<bool, String> {
    Err("is read with the feature `diesel-migrations` alone".to_owned())
}
