//! `migrations!`: a directory of source files as modules, a manifest and a list of entries.

mod expand;
mod graph;
mod scan;
mod sql;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token, bracketed};

use self::scan::File;
use self::sql::SqlDirectory;
use crate::args::{Errors, unknown};
use crate::lexer::{self, Tree};

/// Where `migrations!` was written.
pub(crate) struct CallSite {
    /// The directory of the package's `Cargo.toml`.
    pub(crate) package: PathBuf,
    /// The invoking file, absolute, where the compiler knows it.
    pub(crate) file: Option<PathBuf>,
    /// The one-based line and column of the invocation in that file.
    pub(crate) position: (usize, usize),
}

/// Expands `migrations!(…)`.
///
/// With a mistake it still emits the modules, the manifest and the list, so that the mistake is the only message.
pub(crate) fn migrations(input: TokenStream, site: &CallSite) -> TokenStream {
    let mut errors = Errors::default();
    let input: Input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.push(error);
            return expand::expand(&Input::default(), &Found::default(), errors);
        }
    };
    let found = find(&input, site, &mut errors);
    expand::expand(&input, &found, errors)
}

/// What stands between the parentheses of `migrations!(…)`.
#[derive(Default)]
struct Input {
    directory: Option<LitStr>,
    /// A directory of Diesel's SQL migrations.
    diesel: Option<LitStr>,
    follows: Vec<syn::Path>,
    root: Option<syn::Path>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let directory = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "expected the directory of the migrations: `migrations!(\"src/versions\")`",
            )
        })?;
        let mut parsed = Self { directory: Some(directory), ..Self::default() };
        let mut seen = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let name = input.call(Ident::parse_any)?;
            if seen.contains(&name) {
                return Err(syn::Error::new(name.span(), format_args!("argument `{name}` is repeated")));
            }
            if name != "follows" && name != "crate" && name != "diesel" {
                let message = unknown(&name.to_string(), &["diesel", "follows", "crate"]);
                return Err(syn::Error::new(name.span(), message));
            }
            input.parse::<Token![=]>()?;
            if name == "crate" {
                parsed.root = Some(syn::Path::parse_mod_style(input)?);
            } else if name == "diesel" {
                parsed.diesel = Some(input.parse().map_err(|error| {
                    syn::Error::new(
                        error.span(),
                        "expected the directory of Diesel's SQL migrations: `diesel = \"../migrations\"`",
                    )
                })?);
            } else {
                let content;
                bracketed!(content in input);
                let paths = content.parse_terminated(syn::Path::parse_mod_style, Token![,])?;
                parsed.follows = paths.into_iter().collect();
            }
            seen.push(name);
        }
        Ok(parsed)
    }
}

/// What is in the directory.
#[derive(Default)]
struct Found {
    /// The absolute path of the directory, empty when there is none.
    directory: String,
    modules: Vec<Module>,
    sql: SqlDirectory,
    /// The revision ids, sorted, each once.
    revisions: Vec<String>,
    foreign: Vec<graph::Foreign>,
}

/// A file as a module.
struct Module {
    name: String,
    /// What `#[path]` says.
    path: String,
    /// The unit structs that are migrations.
    structs: Vec<String>,
}

fn find(input: &Input, site: &CallSite, errors: &mut Errors) -> Found {
    let Some(literal) = &input.directory else { return Found::default() };
    let given = literal.value();
    let directory = site.package.join(&given);
    let files = match read(&directory) {
        Ok(files) => files,
        Err(error) => {
            errors.on(literal, unreadable(&given, &directory, &error));
            return Found::default();
        }
    };
    let prefix = module_prefix(&directory, site);
    let mut names = Names::default();
    let modules = files
        .iter()
        .map(|file| Module {
            name: names.module(file.stem()),
            path: format!("{prefix}{}", file.name),
            structs: file.migrations.iter().filter_map(|migration| migration.struct_name.clone()).collect(),
        })
        .collect();
    let sql = read_sql(input, site, errors);
    let checked = graph::check(&files, &sql, given.trim_end_matches(['/', '\\']), !input.follows.is_empty());
    for problem in checked.problems {
        errors.on(literal, problem);
    }
    let directory = directory.to_string_lossy().into_owned();
    Found { directory, modules, sql, revisions: checked.revisions, foreign: checked.foreign }
}

/// Why a directory cannot be read, which the author has `given` as a path of the package.
fn unreadable(given: &str, directory: &Path, error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::NotFound {
        format!(
            "the directory {given} does not exist: the path begins at the package, where its Cargo.toml is"
        )
    } else {
        format!("cannot read the directory {}: {error}", directory.display())
    }
}

/// Reads the directory of SQL migrations, if there is one.
fn read_sql(input: &Input, site: &CallSite, errors: &mut Errors) -> SqlDirectory {
    let Some(literal) = &input.diesel else { return SqlDirectory::default() };
    let sql = SqlDirectory::read(&literal.value(), &site.package);
    for problem in &sql.problems {
        errors.on(literal, problem);
    }
    sql
}

/// Reads the Rust files of a directory, by name; not those of its subdirectories, and no hidden files.
fn read(directory: &Path) -> std::io::Result<Vec<File>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let name = entry?.file_name();
        // A name that is no text cannot stand in `#[path]`.
        if let Some(name) = name.to_str().filter(|name| is_source(name)) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    let mut files = Vec::with_capacity(names.len());
    for name in names {
        let path = directory.join(&name);
        if path.is_dir() {
            continue;
        }
        files.push(match std::fs::read_to_string(path) {
            Ok(source) => File::scan(name, &source),
            // Left to rustc, which says so about the module.
            Err(_) => File { is_broken: true, ..File::new(name) },
        });
    }
    Ok(files)
}

fn is_source(name: &str) -> bool {
    !name.starts_with('.') && Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

/// What stands before a file's name in `#[path]`.
///
/// Relative to the invoking file where that means the same to rustc, which keeps `file!()` short and the same on
/// every machine; absolute elsewhere, as inside an inline module.
fn module_prefix(directory: &Path, site: &CallSite) -> String {
    let relative = site.file.as_deref().and_then(|file| {
        let below = directory.strip_prefix(file.parent()?).ok()?;
        stands_alone(file, site.position).then_some(below)
    });
    let mut prefix = relative.unwrap_or(directory).to_string_lossy().replace('\\', "/");
    if !prefix.is_empty() && !prefix.ends_with('/') {
        prefix.push('/');
    }
    prefix
}

/// Whether the invocation at a position stands outside of any braces.
fn stands_alone(file: &Path, (line, column): (usize, usize)) -> bool {
    let Ok(source) = std::fs::read_to_string(file) else { return false };
    let Ok(trees) = lexer::lex(&source) else { return false };
    let line_start = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let at = line_start + column.saturating_sub(1);
    trees.iter().any(|tree| matches!(tree, Tree::Token(token) if token.start == at))
}

/// The module names given so far.
#[derive(Default)]
struct Names(std::collections::BTreeSet<String>);

impl Names {
    /// Makes a module name of a file's stem: `2025-10 Add` becomes `m_2025_10_add`.
    fn module(&mut self, stem: &str) -> String {
        let mut name = String::from("m");
        for word in stem.split(|character: char| !character.is_ascii_alphanumeric()) {
            if !word.is_empty() {
                name.push('_');
                name.push_str(&word.to_ascii_lowercase());
            }
        }
        let unique = (2..).map(|number| format!("{name}_{number}"));
        let name = std::iter::once(name.clone()).chain(unique).find(|name| !self.0.contains(name));
        let name = name.unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}
