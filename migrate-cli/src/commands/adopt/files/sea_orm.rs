use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use super::{Body, Files, FilesError, Migration, list, name, text, words};

/// Reads `m20220101_000001_name.rs`, in the order of `migrations()` in `lib.rs`.
///
/// `DIR` is the migration crate or its `src`. SeaORM applies what `migrations()` lists, in that order, and nothing else;
/// where there is no such list, by name. The bodies are Rust for SeaORM, so they stay to be written.
pub(super) fn read(directory: &Path) -> Result<Files, FilesError> {
    let source = directory.join("src");
    let directory = if source.join("lib.rs").is_file() { source.as_path() } else { directory };
    let mut modules = BTreeMap::new();
    for path in list(directory)? {
        let stem = name(&path).strip_suffix(".rs").filter(|_| path.is_file());
        if let Some(stem) = stem.filter(|stem| !matches!(*stem, "lib" | "main")) {
            modules.insert(stem.to_owned(), path);
        }
    }
    let library = directory.join("lib.rs");
    let listed = if library.is_file() { listed(&tokens(&library)?) } else { Vec::new() };
    let mut files = Files::default();
    for module in &listed {
        if let Some(path) = modules.remove(module) {
            files.migrations.push(migration(module, path)?);
        }
    }
    let others = modules.into_iter().filter(|(stem, _)| parts(stem).is_some());
    if listed.is_empty() {
        for (stem, path) in others {
            files.migrations.push(migration(&stem, path)?);
        }
    } else {
        files.left_out = others.map(|(_, path)| path).collect();
    }
    Ok(files)
}

fn migration(stem: &str, path: PathBuf) -> Result<Migration, FilesError> {
    let tokens = tokens(&path)?;
    let id = own_name(&tokens).unwrap_or_else(|| stem.to_owned());
    let message = words(parts(&id).unwrap_or(&id));
    let body = Body::Rust { reversible: has_down(&tokens) };
    Ok(Migration { id, message, path, body })
}

/// The name in `m20220101_000001_name`.
fn parts(stem: &str) -> Option<&str> {
    let (date, rest) = stem.strip_prefix('m')?.split_once('_')?;
    let (number, name) = rest.split_once('_')?;
    let is_number =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(date, 8) && is_number(number, 6)).then_some(name)
}

/// The modules whose `Migration` a library names, in that order.
fn listed(tokens: &[TokenTree]) -> Vec<String> {
    let mut listed: Vec<String> = Vec::new();
    for window in tokens.windows(4) {
        if let [
            TokenTree::Ident(module),
            TokenTree::Punct(first),
            TokenTree::Punct(second),
            TokenTree::Ident(item),
        ] = window
            && first.as_char() == ':'
            && second.as_char() == ':'
            && item == "Migration"
        {
            let module = module.to_string();
            if !listed.contains(&module) {
                listed.push(module);
            }
        }
    }
    listed
}

/// The name that an `impl MigrationName` gives, in the place of the file's.
fn own_name(tokens: &[TokenTree]) -> Option<String> {
    let at = tokens.windows(2).position(|window| is(&window[0], "MigrationName") && is(&window[1], "for"))?;
    tokens[at..].iter().find_map(|token| match token {
        TokenTree::Literal(literal) => {
            syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
        }
        _ => None,
    })
}

/// Without one, SeaORM's own says that the migration cannot be undone.
fn has_down(tokens: &[TokenTree]) -> bool {
    tokens.windows(2).any(|window| is(&window[0], "fn") && is(&window[1], "down"))
}

fn is(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if name == word)
}

/// The tokens of a file, those within delimiters in their place; comments are none.
fn tokens(path: &Path) -> Result<Vec<TokenTree>, FilesError> {
    let tokens: TokenStream =
        text(path)?.parse().map_err(|error: proc_macro2::LexError| FilesError::Syntax {
            path: path.to_owned(),
            line: error.span().start().line,
            reason: error.to_string(),
        })?;
    let mut all = Vec::new();
    flatten(tokens, &mut all);
    Ok(all)
}

fn flatten(tokens: TokenStream, all: &mut Vec<TokenTree>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => flatten(group.stream(), all),
            token => all.push(token),
        }
    }
}
