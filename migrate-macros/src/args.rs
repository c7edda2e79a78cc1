//! The arguments of `#[migration(…)]` as they are written: syntax only, see [`crate::validate`] for sense.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, LitBool, LitStr, Path, Token, bracketed, parenthesized, token};

/// Mistakes, collected so that all of them are reported at once.
#[derive(Default)]
pub(crate) struct Errors(Option<syn::Error>);

impl Errors {
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Spans all tokens of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Returns one `compile_error!` for each mistake, or nothing without one.
    pub(crate) fn into_compile_errors(self) -> Option<TokenStream> {
        self.0.map(|error| error.to_compile_error())
    }
}

/// What stands between the parentheses of `#[migration(…)]`.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) revision: Option<LitStr>,
    pub(crate) down_revision: List,
    pub(crate) depends_on: List,
    pub(crate) branch_labels: List,
    pub(crate) message: Option<LitStr>,
    pub(crate) transaction: Option<LitBool>,
    pub(crate) irreversible: Option<LitStr>,
    pub(crate) allow: Vec<Allow>,
    pub(crate) root: Option<Path>,
    /// The arguments that are there at all, also with a value that could not be read.
    pub(crate) seen: Vec<&'static str>,
    /// The arguments that a misspelt name was probably meant to be.
    pub(crate) misspelt: Vec<&'static str>,
}

/// `allow(rule, …, reason = "…")`.
pub(crate) struct Allow {
    pub(crate) rules: Vec<Ident>,
    pub(crate) reason: Option<LitStr>,
    /// The word `allow`.
    pub(crate) span: Span,
}

/// A string, or several in brackets; `brackets` is there when the brackets are.
#[derive(Default)]
pub(crate) struct List {
    pub(crate) items: Vec<LitStr>,
    pub(crate) brackets: Option<Span>,
}

const NAMES: [&str; 9] = [
    "revision",
    "down_revision",
    "depends_on",
    "branch_labels",
    "message",
    "transaction",
    "irreversible",
    "allow",
    "crate",
];

impl Arguments {
    /// Reads what can be read; what cannot becomes an error, and reading goes on behind the next comma.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut arguments = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = arguments.parse_one(input) {
                    errors.push(error);
                    skip_to_comma(input)?;
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        arguments
    }

    fn parse_one(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name: Ident = match input.call(Ident::parse_any) {
            Ok(name) => name,
            Err(error) => return Err(syn::Error::new(error.span(), "expected an argument, `name = value`")),
        };
        let Some(known) = NAMES.into_iter().find(|known| name == known) else {
            let name_text = name.to_string();
            self.misspelt.extend(nearest(&name_text, &NAMES));
            return Err(syn::Error::new(name.span(), unknown(&name_text, &NAMES)));
        };
        if known == "allow" {
            self.allow.push(allow(input, &name)?);
            return at_comma(input, known);
        }
        if self.seen.contains(&known) {
            return Err(syn::Error::new(name.span(), format_args!("argument `{known}` is repeated")));
        }
        self.seen.push(known);
        if !input.peek(Token![=]) {
            return Err(syn::Error::new(name.span(), format_args!("expected a value: `{}`", example(known))));
        }
        input.parse::<Token![=]>()?;
        match known {
            "revision" => self.revision = Some(value(input, known)?),
            "down_revision" => self.down_revision = list(input, known)?,
            "depends_on" => self.depends_on = list(input, known)?,
            "branch_labels" => self.branch_labels = list(input, known)?,
            "message" => self.message = Some(value(input, known)?),
            "transaction" => self.transaction = Some(value(input, known)?),
            "irreversible" => self.irreversible = Some(value(input, known)?),
            _ => self.root = Some(Path::parse_mod_style(input)?),
        }
        at_comma(input, known)
    }

    pub(crate) fn is_irreversible(&self) -> bool {
        self.seen.contains(&"irreversible") || self.misspelt.contains(&"irreversible")
    }
}

/// The message for a name that does not exist, with the known name that it resembles.
pub(crate) fn unknown(name: &str, known: &[&'static str]) -> String {
    match nearest(name, known) {
        Some(known) => format!("unknown argument `{name}`, did you mean `{known}`?"),
        None => format!("unknown argument `{name}`, expected one of: {}", known.join(", ")),
    }
}

/// The known name that a misspelt one resembles.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let (distance, nearest) = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (distance <= nearest.len() / 3).then_some(nearest)
}

/// How many characters must change, come or go to turn one name into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (at, to) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// How an argument is written.
fn example(name: &str) -> &'static str {
    match name {
        "revision" => "revision = \"abc123\"",
        "down_revision" => "down_revision = \"def456\"",
        "depends_on" => "depends_on = [\"def456\"]",
        "branch_labels" => "branch_labels = [\"billing\"]",
        "message" => "message = \"add users\"",
        "reason" => "reason = \"why that is safe here\"",
        "transaction" => "transaction = false",
        "irreversible" => "irreversible = \"why it cannot be undone\"",
        "allow" => "allow(drop_column, reason = \"why that is safe here\")",
        _ => "crate = path::to::migrate_core",
    }
}

/// What the value of an argument is.
fn kind(name: &str) -> &'static str {
    match name {
        "revision" | "message" | "irreversible" | "reason" => "a string",
        "down_revision" => "a string, a list of strings, or `None`",
        "transaction" => "`true` or `false`",
        "crate" => "a path",
        "allow" => "safety rules and a reason",
        _ => "a list of strings",
    }
}

fn wrong_value(input: ParseStream<'_>, name: &str) -> syn::Error {
    input.error(format_args!("`{name}` is {}: `{}`", kind(name), example(name)))
}

fn value<T: Parse>(input: ParseStream<'_>, name: &str) -> syn::Result<T> {
    let start = input.fork();
    input.parse().map_err(|_| wrong_value(&start, name))
}

fn at_comma(input: ParseStream<'_>, known: &str) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error(format_args!("expected `,`: the value of `{known}` is {}", kind(known))))
}

/// Reads what follows the word `allow`.
fn allow(input: ParseStream<'_>, word: &Ident) -> syn::Result<Allow> {
    if !input.peek(token::Paren) {
        let message = format_args!("`allow` is {}: `{}`", kind("allow"), example("allow"));
        return Err(syn::Error::new(word.span(), message));
    }
    let content;
    parenthesized!(content in input);
    let mut allow = Allow { rules: Vec::new(), reason: None, span: word.span() };
    let outcome = allow_items(&content, &mut allow);
    if outcome.is_err() {
        // What is left unread would be a second mistake.
        content.parse::<TokenStream>()?;
    }
    outcome.map(|()| allow)
}

fn allow_items(content: ParseStream<'_>, allow: &mut Allow) -> syn::Result<()> {
    while !content.is_empty() {
        let name = content.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), format_args!("expected the name of a rule: `{}`", example("allow")))
        })?;
        if name == "reason" {
            if allow.reason.is_some() {
                return Err(syn::Error::new(name.span(), "argument `reason` is repeated"));
            }
            content.parse::<Token![=]>()?;
            allow.reason = Some(value(content, "reason")?);
        } else {
            allow.rules.push(name);
        }
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn list(input: ParseStream<'_>, name: &str) -> syn::Result<List> {
    if name == "down_revision" && input.peek(Ident) && input.fork().parse::<Ident>()? == "None" {
        input.parse::<Ident>()?;
        return Ok(List::default());
    }
    if input.peek(LitStr) {
        return Ok(List { items: vec![input.parse()?], brackets: None });
    }
    if !input.peek(token::Bracket) {
        return Err(wrong_value(input, name));
    }
    let content;
    let brackets = bracketed!(content in input).span.join();
    let mut items = Vec::new();
    while !content.is_empty() {
        items.push(value(&content, name)?);
        if !content.is_empty() {
            content.parse::<Token![,]>()?;
        }
    }
    Ok(List { items, brackets: Some(brackets) })
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{NAMES, distance, unknown};

    #[test]
    fn a_misspelt_name_is_answered_with_its_neighbour() {
        assert_eq!(unknown("revison", &NAMES), "unknown argument `revison`, did you mean `revision`?");
        assert_eq!(unknown("depends", &NAMES), "unknown argument `depends`, did you mean `depends_on`?");
        assert!(unknown("author", &NAMES).ends_with("message, transaction, irreversible, allow, crate"));
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!((distance("", "abc"), distance("abc", "abd"), distance("kitten", "sitting")), (3, 1, 3));
    }
}
