//! What a source file declares, found without parsing it.

use crate::checksum::item_end;
use crate::lexer::{Delimiter, Kind, Tree, lex, line_of};

/// A file of the directory.
pub(super) struct File {
    /// Its name, with `.rs`.
    pub(super) name: String,
    /// The `#[migration]`s at its top level.
    pub(super) migrations: Vec<Found>,
    /// The lines of those within a block or a module, where no one would find them.
    pub(super) nested: Vec<usize>,
    /// The lines of those that only some builds would have.
    pub(super) conditional: Vec<usize>,
    /// Whether something in it does not make sense; the compiler or the attribute says what.
    pub(super) is_broken: bool,
}

/// One `#[migration(…)]`.
pub(super) struct Found {
    pub(super) line: usize,
    /// The name of the unit struct below; `None` when that is something else.
    pub(super) struct_name: Option<String>,
    /// `None` when the arguments are wrong; the attribute says how.
    pub(super) declared: Option<Declared>,
}

/// The arguments that make the graph.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) revision: String,
    pub(super) down_revisions: Vec<String>,
    pub(super) depends_on: Vec<String>,
    pub(super) branch_labels: Vec<String>,
}

impl File {
    pub(super) fn new(name: String) -> Self {
        Self { name, migrations: Vec::new(), nested: Vec::new(), conditional: Vec::new(), is_broken: false }
    }

    pub(super) fn scan(name: String, source: &str) -> Self {
        let mut file = Self::new(name);
        // Most helpers and all generated code are out after this line.
        if !source.contains("migration") {
            return file;
        }
        match lex(source) {
            Ok(trees) => file.top_level(&trees, source),
            Err(_) => file.is_broken = true,
        }
        file.is_broken |= file.migrations.iter().any(|found| found.declared.is_none());
        file
    }

    pub(super) fn stem(&self) -> &str {
        self.name.strip_suffix(".rs").unwrap_or(&self.name)
    }

    fn top_level(&mut self, trees: &[Tree<'_>], source: &str) {
        let mut at = 0;
        while at < trees.len() {
            if let Some(arguments) = attribute(trees, at) {
                if is_conditional(trees, at) {
                    self.conditional.push(line(trees, at, source));
                }
                self.migrations.push(Found {
                    line: line(trees, at, source),
                    struct_name: unit_struct(&trees[at + 2..]).map(str::to_owned),
                    declared: declared(arguments),
                });
                at += 2;
            } else if let Some(end) = test_item_end(trees, at) {
                at = end;
            } else {
                self.below(&trees[at], source);
                at += 1;
            }
        }
    }

    fn below(&mut self, tree: &Tree<'_>, source: &str) {
        let Some(trees) = tree.group(Delimiter::Brace) else { return };
        let mut at = 0;
        while at < trees.len() {
            if let Some(end) = test_item_end(trees, at) {
                at = end;
                continue;
            }
            if attribute(trees, at).is_some() {
                self.nested.push(line(trees, at, source));
            }
            self.below(&trees[at], source);
            at += 1;
        }
    }
}

fn line(trees: &[Tree<'_>], at: usize, source: &str) -> usize {
    match &trees[at] {
        Tree::Token(token) => line_of(source, token.start),
        Tree::Group(_) => 0,
    }
}

/// The arguments of the `#[migration(…)]` at an index.
fn attribute<'t, 'a>(trees: &'t [Tree<'a>], at: usize) -> Option<&'t [Tree<'a>]> {
    let [hash, content, ..] = trees.get(at..)? else { return None };
    if !hash.is("#") {
        return None;
    }
    match content.group(Delimiter::Bracket)? {
        [path @ .., name, arguments] if name.is("migration") && is_path(path) => {
            arguments.group(Delimiter::Parenthesis)
        }
        [path @ .., name] if name.is("migration") && is_path(path) => Some(&[]),
        _ => None,
    }
}

fn is_path(trees: &[Tree<'_>]) -> bool {
    trees.iter().all(|tree| tree.is(":") || tree.ident().is_some())
}

/// Whether a `cfg` stands among the attributes around an index, or at the head of the file.
fn is_conditional(trees: &[Tree<'_>], at: usize) -> bool {
    let is_cfg =
        |content: &Tree<'_>| matches!(content.group(Delimiter::Bracket), Some([name, _]) if name.is("cfg"));
    let mut start = at;
    while let [.., hash, content] = &trees[..start]
        && hash.is("#")
        && content.group(Delimiter::Bracket).is_some()
    {
        start -= 2;
    }
    let end = skip_attributes(trees, at);
    let head =
        trees.chunks(3).take_while(|chunk| matches!(chunk, [hash, bang, _] if hash.is("#") && bang.is("!")));
    trees[start..end].iter().any(is_cfg) || head.filter_map(<[_]>::last).any(is_cfg)
}

/// The end of the `#[cfg(test)]` item that begins at an index.
fn test_item_end(trees: &[Tree<'_>], at: usize) -> Option<usize> {
    let [hash, content, ..] = trees.get(at..)? else { return None };
    let [cfg, test] = content.group(Delimiter::Bracket)? else { return None };
    let [test] = test.group(Delimiter::Parenthesis)? else { return None };
    let is_test = hash.is("#") && cfg.is("cfg") && test.is("test");
    is_test.then(|| item_end(trees, skip_attributes(trees, at))).flatten()
}

fn skip_attributes(trees: &[Tree<'_>], mut at: usize) -> usize {
    while let Some([hash, content, ..]) = trees.get(at..)
        && hash.is("#")
        && content.group(Delimiter::Bracket).is_some()
    {
        at += 2;
    }
    at
}

/// The name of the unit struct that these trees begin with, after attributes and visibility.
fn unit_struct<'a>(trees: &[Tree<'a>]) -> Option<&'a str> {
    let mut rest = &trees[skip_attributes(trees, 0)..];
    if rest.first()?.is("pub") {
        let has_scope = rest.get(1)?.group(Delimiter::Parenthesis).is_some();
        rest = &rest[1 + usize::from(has_scope)..];
    }
    match rest {
        [keyword, name, end, ..] if keyword.is("struct") && end.is(";") => name.ident(),
        _ => None,
    }
}

fn declared(arguments: &[Tree<'_>]) -> Option<Declared> {
    let mut declared = Declared::default();
    let mut has_revision = false;
    for argument in arguments.split(|tree| tree.is(",")).filter(|argument| !argument.is_empty()) {
        let [name, rest @ ..] = argument else { return None };
        if !matches!(name.text(), "revision" | "down_revision" | "depends_on" | "branch_labels") {
            continue;
        }
        let [equals, value] = rest else { return None };
        if !equals.is("=") {
            return None;
        }
        match name.text() {
            "revision" => {
                declared.revision = string(value)?;
                has_revision = true;
            }
            "down_revision" if value.is("None") => {}
            "down_revision" => declared.down_revisions = strings(value)?,
            "depends_on" => declared.depends_on = strings(value)?,
            _ => declared.branch_labels = strings(value)?,
        }
    }
    has_revision.then_some(declared)
}

fn strings(value: &Tree<'_>) -> Option<Vec<String>> {
    match value.group(Delimiter::Bracket) {
        Some(items) => items.split(|tree| tree.is(",")).filter(|item| !item.is_empty()).map(one).collect(),
        None => Some(vec![string(value)?]),
    }
}

fn one(item: &[Tree<'_>]) -> Option<String> {
    match item {
        [value] => string(value),
        _ => None,
    }
}

fn string(value: &Tree<'_>) -> Option<String> {
    let Tree::Token(token) = value else { return None };
    if token.kind != Kind::Literal {
        return None;
    }
    match token.text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Some(plain.to_owned()),
        _ => syn::parse_str::<syn::LitStr>(token.text).ok().map(|literal| literal.value()),
    }
}
