use std::path::Path;

use serde::Serialize;

use super::VERSION;
use crate::project::Made;

/// `init`.
#[derive(Debug, Serialize)]
pub(crate) struct InitDocument<'a> {
    version: u32,
    package: &'a str,
    root: String,
    directory: String,
    new_workspace: bool,
    created: Vec<String>,
    changed: Vec<String>,
}

impl<'a> InitDocument<'a> {
    pub(crate) fn new(package: &'a str, made: &Made) -> Self {
        let shown = |path: &Path| path.display().to_string();
        Self {
            version: VERSION,
            package,
            root: shown(&made.root),
            directory: shown(&made.package),
            new_workspace: made.is_new_workspace,
            created: made.created.iter().map(|path| shown(path)).collect(),
            changed: made.changed.iter().map(|path| shown(path)).collect(),
        }
    }
}
