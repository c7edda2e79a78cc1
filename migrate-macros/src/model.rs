//! What `#[migration(…)]` is about: the annotated item, and the migration that it declares.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprLit, Generics, Lit, LitStr, Meta, Path, Token, Visibility};

/// The item under the attribute, as far as the attribute cares.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    /// `struct Name;`
    Unit(Ident),
    /// A struct with parameters.
    Generic(Generics),
    /// A struct with fields, perhaps none: `struct Name {}`.
    Fields(TokenTree),
    /// Anything else: its keyword.
    Other(TokenTree),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let keyword: TokenTree = input.parse()?;
        let shape =
            if keyword.to_string() == "struct" { Shape::of_struct(input)? } else { Shape::Other(keyword) };
        input.parse::<TokenStream>()?;
        Ok(Self { attributes, shape })
    }
}

impl Shape {
    fn of_struct(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if input.peek(Token![<]) {
            return Ok(Self::Generic(input.parse()?));
        }
        let next: TokenTree = input.parse()?;
        Ok(match next {
            TokenTree::Punct(semicolon) if semicolon.as_char() == ';' => Self::Unit(name),
            other => Self::Fields(other),
        })
    }
}

impl Item {
    /// The first line of the documentation that is not blank.
    pub(crate) fn first_doc_line(&self) -> Option<String> {
        self.attributes.iter().filter_map(doc_text).find_map(|text| {
            let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
            Some(line.to_owned())
        })
    }
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if meta.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// A migration without mistakes.
pub(crate) struct Migration {
    /// Where `migrate_core` is.
    pub(crate) root: Option<Path>,
    pub(crate) name: Ident,
    pub(crate) revision: LitStr,
    pub(crate) down_revisions: Vec<LitStr>,
    pub(crate) depends_on: Vec<LitStr>,
    pub(crate) branch_labels: Vec<LitStr>,
    pub(crate) message: String,
    pub(crate) transaction: bool,
    pub(crate) irreversible: Option<LitStr>,
    /// The safety rules that it excuses itself from, each with the reason.
    pub(crate) allow: Vec<(Ident, LitStr)>,
}
