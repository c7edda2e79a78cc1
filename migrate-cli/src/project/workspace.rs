//! The workspace that the crate belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, Value, value};

use super::error::ProjectError;
use super::written::Written;
use super::{cargo, template};

/// A Cargo workspace, or a package that becomes one.
#[derive(Debug)]
pub(super) struct Workspace {
    /// Its Cargo.toml.
    manifest: PathBuf,
}

impl Workspace {
    /// The workspace of a directory; `None` when there is no Cargo project there or above.
    pub(super) fn find(directory: &Path, program: &Path) -> Result<Option<Self>, ProjectError> {
        let manifests = directory.ancestors().map(|it| it.join("Cargo.toml"));
        let Some(nearest) = manifests.into_iter().find(|it| it.is_file()) else { return Ok(None) };
        let manifest = cargo::workspace_of(&nearest, program)?;
        cargo::accepts(&manifest, program)?;
        Ok(Some(Self { manifest }))
    }

    /// Makes one in an empty directory.
    pub(super) fn create(
        directory: &Path,
        member: &str,
        written: &mut Written,
    ) -> Result<Self, ProjectError> {
        let holds = things(directory)?;
        if !holds.is_empty() {
            return Err(ProjectError::NotEmpty { directory: directory.to_owned(), holds });
        }
        for (path, text) in template::workspace(member) {
            let path = directory.join(path);
            // A repository often has the one or the other from its first day.
            if !path.exists() {
                written.file(&path, &text)?;
            }
        }
        Ok(Self { manifest: directory.join("Cargo.toml") })
    }

    /// Its directory.
    pub(super) fn root(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }

    /// Whether a crate belongs to it.
    ///
    /// # Errors
    ///
    /// When it does, and Cargo does not accept the workspace with it.
    pub(super) fn has(&self, package: &Path, program: &Path) -> Result<bool, ProjectError> {
        let manifest = package.join("Cargo.toml");
        let belongs = cargo::workspace_of(&manifest, program).and_then(|found| {
            let is_this = found == self.manifest;
            if is_this { cargo::accepts(&manifest, program) } else { Ok(()) }.map(|()| is_this)
        });
        match belongs {
            // A crate below a workspace that does not list it.
            Err(ProjectError::Refused { source, .. })
                if source.0.contains("believes it's in a workspace") =>
            {
                Ok(false)
            }
            Err(ProjectError::Refused { source, .. }) => {
                Err(ProjectError::Refused { root: self.root().to_owned(), source })
            }
            other => other,
        }
    }

    /// Lists another member in its Cargo.toml, which otherwise stays as its author wrote it.
    pub(super) fn add(&self, member: &str, written: &mut Written) -> Result<(), ProjectError> {
        let path = &self.manifest;
        let text =
            fs::read_to_string(path).map_err(|source| ProjectError::Io { path: path.clone(), source })?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|source| ProjectError::Toml { path: path.clone(), source: Box::new(source) })?;
        let no_list = || ProjectError::Members { path: path.clone() };
        let workspace = document.entry("workspace").or_insert_with(|| Item::Table(Table::new()));
        let workspace = workspace.as_table_like_mut().ok_or_else(no_list)?;
        let members = workspace.entry("members").or_insert_with(|| value(Array::new()));
        push(members.as_array_mut().ok_or_else(no_list)?, member);
        written.change(path, &document.to_string())
    }
}

/// Adds an element to a list in the list's own style.
fn push(list: &mut Array, member: &str) {
    let prefix = |element: &Value| element.decor().prefix().and_then(|it| it.as_str()).map(str::to_owned);
    let is_by_line = list.iter().filter_map(prefix).any(|it| it.contains('\n'));
    let Some(end) = list.len().checked_sub(1).filter(|_| is_by_line) else {
        list.push(member);
        return;
    };
    let indent = list.get(end).and_then(prefix).unwrap_or_else(|| "\n    ".to_owned());
    // A comment of the element before is not this one's.
    let indent = indent.rsplit_once('\n').map_or("", |(_, blanks)| blanks);
    // One behind the last element, where that has no comma, is the element's; where it has one, the list's.
    let mut behind = String::new();
    if let Some(element) = list.get_mut(end) {
        behind.push_str(element.decor().suffix().and_then(|it| it.as_str()).unwrap_or_default());
        element.decor_mut().set_suffix("");
    }
    behind.push_str(list.trailing().as_str().unwrap_or_default());
    let closing = behind.rsplit_once('\n').map_or("", |(_, blanks)| blanks);
    list.push(member);
    if let Some(element) = list.get_mut(end + 1) {
        element.decor_mut().set_prefix(format!("{}\n{indent}", behind.trim_end()));
        element.decor_mut().set_suffix("");
    }
    list.set_trailing(format!("\n{closing}"));
    list.set_trailing_comma(true);
}

/// What a directory holds besides what any new repository does, sorted.
fn things(directory: &Path) -> Result<Vec<String>, ProjectError> {
    let failed = |source| ProjectError::Io { path: directory.to_owned(), source };
    let mut things = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let stem = name.split('.').next().unwrap_or_default().to_lowercase();
        let is_usual = name.starts_with('.') || ["readme", "license", "licence", "copying"].contains(&&*stem);
        if !is_usual {
            things.push(name);
        }
    }
    things.sort_unstable();
    Ok(things)
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::push;

    fn pushed(before: &str) -> String {
        let mut document: DocumentMut = before.parse().unwrap();
        push(document["members"].as_array_mut().unwrap(), "new");
        let after = document.to_string();
        after.parse::<DocumentMut>().unwrap();
        after
    }

    #[test]
    fn a_comment_stays_with_its_element() {
        for (before, after) in [
            ("members = [\n    \"a\", # one\n]\n", "members = [\n    \"a\", # one\n    \"new\",\n]\n"),
            ("members = [\n    \"a\" # one\n]\n", "members = [\n    \"a\", # one\n    \"new\",\n]\n"),
            (
                "members = [\n  # one\n  \"a\",\n  # no more\n]\n",
                "members = [\n  # one\n  \"a\",\n  # no more\n  \"new\",\n]\n",
            ),
        ] {
            assert_eq!(pushed(before), after);
        }
    }

    #[test]
    fn a_list_keeps_its_style() {
        for (before, after) in [
            ("members = []", "members = [\"new\"]\n"),
            ("members = [\"a\"]", "members = [\"a\", \"new\"]\n"),
            ("members = [\n\t\"a\",\n\t\"b\"\n\t]\n", "members = [\n\t\"a\",\n\t\"b\",\n\t\"new\",\n\t]\n"),
            ("members = [\n    \"a\"]\n", "members = [\n    \"a\",\n    \"new\",\n]\n"),
        ] {
            assert_eq!(pushed(before).trim_end(), after.trim_end());
        }
    }
}
