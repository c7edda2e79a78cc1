//! Reads the `#[migration]` attributes of source files, without compiling them.
//!
//! Only tokens are looked at: a body may hold whatever the next compiler accepts, and ten thousand files are
//! read in the time that parsing their bodies would take for a few hundred.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_core::revision::Revision;
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, bracketed};

use super::template::PLACEHOLDERS;

/// The function whose error a body returns that nobody has written yet.
const UNWRITTEN: &str = "unwritten";

/// A revision as a source file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRevision {
    /// The node.
    pub revision: Revision,
    /// The file.
    pub path: PathBuf,
    /// The line of the attribute, from 1.
    pub line: usize,
    /// The lines of the file in which an author has something to fill in, from 1: a name that `new --backfill` made up,
    /// or a body that says that it is [`unwritten`](migrate_core::error::unwritten).
    pub placeholders: Vec<usize>,
}

/// Why the source files could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The directory is not there.
    #[error("the migrations directory {} does not exist", directory.display())]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
    },
    /// The operating system refused.
    #[error("could not read {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// A file is not Rust, or its attribute is not what `#[migration]` takes.
    #[error("could not understand {}:{line}: {reason}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
}

/// Reads every `.rs` file of a directory, in the order of their names.
pub fn read_directory(directory: &Path) -> Result<Vec<SourceRevision>, ReadError> {
    if !directory.is_dir() {
        return Err(ReadError::NoDirectory { directory: directory.to_owned() });
    }
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| ReadError::Io { path, source }
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(io(directory))? {
        let path = entry.map_err(io(directory))?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "rs") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    let mut revisions = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).map_err(io(&path))?;
        revisions.extend(read_text(&path, &text)?);
    }
    Ok(revisions)
}

/// Reads the attributes of one file's text.
pub fn read_text(path: &Path, text: &str) -> Result<Vec<SourceRevision>, ReadError> {
    let syntax = |error: &syn::Error| ReadError::Syntax {
        path: path.to_owned(),
        line: error.span().start().line,
        reason: error.to_string(),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tokens: TokenStream =
        text.parse().map_err(|error: proc_macro2::LexError| syntax(&syn::Error::from(error)))?;
    // Most files have none, and their bodies need no second look.
    let placeholders = if PLACEHOLDERS.iter().chain([&UNWRITTEN]).any(|name| text.contains(name)) {
        placeholders(tokens.clone())
    } else {
        Vec::new()
    };
    let found = scan(tokens).map_err(|error| syntax(&error))?;
    Ok(found
        .into_iter()
        .map(|(revision, span)| SourceRevision {
            revision,
            path: path.to_owned(),
            line: span.start().line,
            placeholders: placeholders.clone(),
        })
        .collect())
}

/// The lines with names that an author has still to fill in.
fn placeholders(tokens: TokenStream) -> Vec<usize> {
    let mut lines = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => lines.extend(placeholders(group.stream())),
            TokenTree::Ident(name) if PLACEHOLDERS.iter().any(|placeholder| name == placeholder) => {
                lines.push(name.span().start().line);
            }
            // Only where it is called: an import of it, or another thing of this name, leaves nothing to do.
            TokenTree::Ident(name) if name == UNWRITTEN => {
                if matches!(tokens.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis)
                {
                    lines.push(name.span().start().line);
                }
            }
            _ => {}
        }
    }
    lines.dedup();
    lines
}

/// Walks the top-level tokens and collects each run of attributes that holds a `#[migration(…)]`.
fn scan(tokens: TokenStream) -> syn::Result<Vec<(Revision, Span)>> {
    let mut found = Vec::new();
    let mut docs = Vec::new();
    let mut arguments: Option<(Arguments, Span)> = None;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#') {
            if let Some(TokenTree::Group(group)) = tokens.peek()
                && group.delimiter() == Delimiter::Bracket
            {
                let attribute: Vec<_> = group.stream().into_iter().collect();
                if let Some(group) = migration_arguments(&attribute) {
                    arguments = Some((syn::parse2(group.stream())?, group.span_open()));
                } else if let Some(doc) = doc_text(&attribute) {
                    docs.push(doc);
                }
                tokens.next();
            }
            continue;
        }
        if let Some((arguments, span)) = arguments.take() {
            found.push((arguments.into_revision(&docs, span)?, span));
        }
        docs.clear();
    }
    Ok(found)
}

/// The `(…)` of `migration(…)` or `path::to::migration(…)`.
fn migration_arguments(attribute: &[TokenTree]) -> Option<&Group> {
    match attribute {
        [.., TokenTree::Ident(name), TokenTree::Group(group)]
            if name == "migration" && group.delimiter() == Delimiter::Parenthesis =>
        {
            Some(group)
        }
        _ => None,
    }
}

/// The text of a doc comment, which the compiler hands on as `doc = "…"`.
fn doc_text(attribute: &[TokenTree]) -> Option<String> {
    match attribute {
        [TokenTree::Ident(name), TokenTree::Punct(_), value @ TokenTree::Literal(_)] if name == "doc" => {
            syn::parse2::<LitStr>(value.clone().into()).ok().map(|text| text.value())
        }
        _ => None,
    }
}

struct Arguments(Punctuated<Argument, Token![,]>);

struct Argument {
    name: Ident,
    value: Vec<String>,
}

impl Arguments {
    /// Unknown arguments are left to the macro, which reports them where the compiler can show them.
    fn into_revision(self, docs: &[String], attribute: Span) -> syn::Result<Revision> {
        let mut revision = Revision::default();
        let mut message = None;
        let names = |values: Vec<String>| values.into_iter().map(Into::into).collect();
        for Argument { name, mut value } in self.0 {
            match name.to_string().as_str() {
                "revision" => revision.id = value.pop().unwrap_or_default().into(),
                "down_revision" => revision.down_revisions = names(value),
                "depends_on" => revision.depends_on = names(value),
                "branch_labels" => revision.branch_labels = names(value),
                "message" => message = value.pop(),
                _ => {}
            }
        }
        if revision.id.is_empty() {
            return Err(syn::Error::new(attribute, "this `#[migration]` names no `revision`"));
        }
        let first_line =
            || docs.iter().flat_map(|doc| doc.lines()).map(str::trim).find(|line| !line.is_empty());
        revision.message = message.or_else(|| first_line().map(ToOwned::to_owned)).unwrap_or_default().into();
        Ok(revision)
    }
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Punctuated::parse_terminated(input).map(Self)
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        // `allow(rule, reason = "…")` says nothing about the graph.
        if input.peek(syn::token::Paren) {
            input.parse::<TokenTree>()?;
            return Ok(Self { name, value: Vec::new() });
        }
        input.parse::<Token![=]>()?;
        let value = if input.peek(LitStr) {
            vec![input.parse::<LitStr>()?.value()]
        } else if input.peek(syn::token::Bracket) {
            let list;
            bracketed!(list in input);
            let list = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
            list.iter().map(LitStr::value).collect()
        } else {
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<TokenTree>()?;
            }
            Vec::new()
        };
        Ok(Self { name, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<SourceRevision>, String> {
        read_text(Path::new("versions/a.rs"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_argument_is_read() {
        let found = read(
            r#"
            #![cfg_attr(x, y)]
            use migrate_core::prelude::*;
            /// Not this one
            fn helper() { let x = [1, 2]; }

            /// Join two branches
            ///
            /// Details.
            #[derive(Debug)]
            #[migrate_core::migration(
                revision = "c", down_revision = ["a", "b",], depends_on = ["d"], branch_labels = ["users"],
                transaction = false, allow(drop_column, json_column, reason = "nobody reads it"),
                crate = ::migrate_core,
            )]
            pub struct Join;

            #[migration(revision = "e", down_revision = None, message = "Words")]
            struct Second { field: [u8; 2] }
            #[cfg(test)] mod tests { #[migration(revision = "hidden")] struct Hidden; }
            "#,
        )
        .unwrap();
        let [join, second] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(join.revision.id, "c");
        assert_eq!(join.revision.down_revisions, ["a", "b"]);
        assert_eq!(join.revision.depends_on, ["d"]);
        assert_eq!(join.revision.branch_labels, ["users"]);
        assert_eq!(join.revision.message, "Join two branches");
        assert_eq!(join.line, 11);
        assert_eq!(second.revision.message, "Words");
        assert!(second.revision.down_revisions.is_empty());
    }

    #[test]
    fn a_body_may_hold_syntax_that_is_not_known_here() {
        let text = "#[migration(revision = \"a\")] struct A; impl A { gen fn x() -> !? { do yeet 1 ~ @ } }";
        assert_eq!(read(text).unwrap()[0].revision.id, "a");
    }

    #[test]
    fn an_unwritten_body_is_a_placeholder_with_its_line() {
        let text = "use migrate_core::error::unwritten;
            #[migration(revision = \"a\")] struct A;
            fn up() -> Result<()> {
                Err(unwritten(\"upgrade()\"))
            }
            // unwritten(\"in a comment\")
            const TEXT: &str = \"unwritten(x)\";";
        assert_eq!(read(text).unwrap()[0].placeholders, [4]);
    }

    #[test]
    fn a_mistake_names_file_and_line() {
        for (text, expected) in [
            (
                "\n\n#[migration(revision = )]\nstruct A;",
                "could not understand versions/a.rs:3: this `#[migration]` names no",
            ),
            ("#[migration(message = \"x\")]\nstruct A;", "this `#[migration]` names no `revision`"),
            ("#[migration(revision \"x\")]\nstruct A;", "could not understand versions/a.rs:1: expected `=`"),
            ("fn a() {\n  (\n}", "could not understand versions/a.rs:3:"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
