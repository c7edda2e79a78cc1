//! The code that `migrations!` emits.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::{Found, Input, Module};
use crate::args::Errors;
use crate::expand::{entry_name, root_path};

pub(super) fn expand(input: &Input, found: &Found, errors: Errors) -> TokenStream {
    let errors = errors.into_compile_errors();
    let root = root_path(input.root.as_ref());
    let Found { directory, revisions, .. } = found;
    let follows = &input.follows;
    let assertions = assertions(input, found);
    // A migration's documentation is its message, not Markdown.
    let modules = found.modules.iter().map(|Module { name, path, .. }| {
        let name = format_ident!("{}", name);
        quote! {
            #[doc(hidden)]
            #[allow(clippy::doc_markdown)]
            #[path = #path]
            pub mod #name;
        }
    });
    let sql = super::sql::expand(&found.sql, input.diesel.as_ref(), &root);
    let (sql_items, sql_entries, with_sql) = (sql.items, sql.entries, sql.manifest);
    let entries = found.modules.iter().flat_map(|Module { name, structs, .. }| {
        let module = format_ident!("{}", name);
        structs.iter().map(move |name| {
            let entry = entry_name(&format_ident!("{}", name));
            quote!(&#module::#entry)
        })
    });
    quote! {
        #errors
        #(#modules)*
        #sql_items
        #assertions

        /// The revisions that the compiler saw in the directory of this crate's migrations.
        pub const MANIFEST: #root::registry::Manifest = #root::registry::Manifest::new(
            ::core::env!("CARGO_PKG_NAME"),
            ::core::env!("CARGO_PKG_VERSION"),
            #directory,
            &[#(#revisions),*],
            &[#(#follows),*],
        )
        #with_sql
        .with_entries(&ENTRIES);
        #root::__private::inventory::submit! { #root::registry::ManifestRef(&MANIFEST) }

        /// The migrations of this crate, by file name: a list that does not depend on the linker.
        pub static ENTRIES: &[&dyn #root::registry::AnyEntry] = &[#(#sql_entries,)* #(#entries),*];
    }
}

/// One constant for each foreign parent, so that each missing one is a message.
fn assertions(input: &Input, found: &Found) -> TokenStream {
    let span = input.directory.as_ref().map_or_else(proc_macro2::Span::call_site, syn::LitStr::span);
    found
        .foreign
        .iter()
        .map(|foreign| {
            let (parent, problem) = (&foreign.parent, &foreign.problem);
            quote_spanned!(span=> const _: () = ::core::assert!(MANIFEST.contains(#parent), "{}", #problem);)
        })
        .collect()
}
