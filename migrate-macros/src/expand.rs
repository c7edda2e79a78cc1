//! The code that `#[migration(…)]` emits.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{LitStr, Path};

use crate::args::{Arguments, Errors};
use crate::model::{Item, Migration, Shape};
use crate::validate::validate;

/// Expands the attribute; `checksum` is that of the file which holds the item.
///
/// With a mistake it still emits the item and an entry of the right type, so that code which refers to either
/// compiles and the mistake is the only message.
pub(crate) fn migration(arguments: TokenStream, item: &TokenStream, checksum: Option<&str>) -> TokenStream {
    let mut errors = Errors::default();
    let arguments = Arguments::parse(arguments, &mut errors);
    let parsed = match syn::parse2::<Item>(item.clone()) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.push(error);
            let errors = errors.into_compile_errors();
            return quote!(#item #errors);
        }
    };
    let migration = validate(&arguments, &parsed, &mut errors);
    if let Some(errors) = errors.into_compile_errors() {
        let fallback = skeleton(&arguments, &parsed);
        return quote!(#item #errors #fallback);
    }
    let registration = migration.map(|migration| registration(&migration, checksum));
    quote!(#item #registration)
}

/// The name of the static that holds a struct's entry.
pub(crate) fn entry_name(name: &Ident) -> Ident {
    format_ident!("__MIGRATION_ENTRY_{}", name)
}

/// The path under which the generated code finds `migrate_core`.
pub(crate) fn root_path(root: Option<&Path>) -> TokenStream {
    root.map_or_else(|| quote!(::migrate_core), ToTokens::to_token_stream)
}

fn registration(migration: &Migration, checksum: Option<&str>) -> TokenStream {
    let Migration {
        root,
        name,
        revision,
        down_revisions,
        depends_on,
        branch_labels,
        message,
        transaction,
        irreversible,
        allow,
    } = migration;
    let declaration = Fields {
        revision: revision.to_token_stream(),
        down_revisions,
        depends_on,
        branch_labels,
        message,
        transaction: *transaction,
        irreversible: irreversible.as_ref(),
        allow,
        checksum,
    };
    let root = root_path(root.as_ref());
    let entry = entry_name(name);
    let item = entry_item(&root, name, irreversible.is_some(), &declaration);
    quote! {
        #item
        #root::__private::inventory::submit! {
            #root::registry::EntryRef(&#entry)
        }
    }
}

/// An entry that says nothing and is not registered, for what refers to it.
fn skeleton(arguments: &Arguments, item: &Item) -> Option<TokenStream> {
    let Shape::Unit(name) = &item.shape else { return None };
    let root = root_path(arguments.root.as_ref());
    let declaration = Fields {
        revision: quote!(""),
        down_revisions: &[],
        depends_on: &[],
        branch_labels: &[],
        message: "",
        transaction: true,
        irreversible: None,
        allow: &[],
        checksum: None,
    };
    Some(entry_item(&root, name, arguments.is_irreversible(), &declaration))
}

struct Fields<'a> {
    revision: TokenStream,
    down_revisions: &'a [LitStr],
    depends_on: &'a [LitStr],
    branch_labels: &'a [LitStr],
    message: &'a str,
    transaction: bool,
    irreversible: Option<&'a LitStr>,
    allow: &'a [(Ident, LitStr)],
    checksum: Option<&'a str>,
}

fn entry_item(root: &TokenStream, name: &Ident, is_irreversible: bool, fields: &Fields<'_>) -> TokenStream {
    let (body, constructor) = if is_irreversible {
        (quote!(IrreversibleMigration), quote!(irreversible))
    } else {
        (quote!(Migration), quote!(reversible))
    };
    let Fields { revision, down_revisions, depends_on, branch_labels, message, transaction, .. } = fields;
    let irreversible = option(fields.irreversible);
    let checksum = option(fields.checksum);
    let allow = fields.allow.iter().map(|(rule, reason)| {
        // A rule that does not exist is an error at its name, with rustc's own suggestion of another.
        let rule = quote_spanned!(rule.span()=> #root::safety::names::#rule);
        quote!(#root::safety::Allow { rule: #rule, reason: #reason })
    });
    let entry = entry_name(name);
    let name_text = name.to_string();
    // At the struct's name, because that is what a missing implementation is about.
    let span = name.span().resolved_at(Span::call_site());
    let connection = quote_spanned!(span=> <#name as #root::#body>::Connection);
    let value = quote_spanned!(span=> &#name);
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, private_interfaces)]
        pub(crate) static #entry: #root::registry::Entry<#connection> =
            #root::registry::Entry::#constructor(
                #root::registry::Declaration {
                    revision: #revision,
                    down_revisions: &[#(#down_revisions),*],
                    depends_on: &[#(#depends_on),*],
                    branch_labels: &[#(#branch_labels),*],
                    message: #message,
                    transaction: #transaction,
                    irreversible: #irreversible,
                    allow: &[#(#allow),*],
                    checksum: #checksum,
                    crate_name: ::core::env!("CARGO_PKG_NAME"),
                    crate_version: ::core::env!("CARGO_PKG_VERSION"),
                    file: ::core::file!(),
                    line: ::core::line!(),
                    struct_name: #name_text,
                },
                #value,
            );
    }
}

fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(
        || quote!(::core::option::Option::None),
        |value| quote!(::core::option::Option::Some(#value)),
    )
}
