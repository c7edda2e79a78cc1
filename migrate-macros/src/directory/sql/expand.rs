//! The code for SQL migrations: Diesel's embedded ones, and an entry for each.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::LitStr;

use super::{SqlDirectory, SqlRevision};

/// What the SQL migrations add to the expansion of `migrations!`.
#[derive(Default)]
pub(in super::super) struct Expanded {
    pub(in super::super) items: TokenStream,
    /// References to the entries.
    pub(in super::super) entries: Vec<TokenStream>,
    /// What the manifest says of them.
    pub(in super::super) manifest: TokenStream,
}

/// Expands them; with a mistake in the directory there is nothing but the mistake.
pub(in super::super) fn expand(sql: &SqlDirectory, literal: Option<&LitStr>, root: &TokenStream) -> Expanded {
    let Some(literal) = literal.filter(|_| sql.problems.is_empty()) else { return Expanded::default() };
    // The connection type that stands beside `migrations!`: what is wrong with it is shown at the argument.
    let span = literal.span().resolved_at(proc_macro2::Span::call_site());
    let connection = quote_spanned!(span=> Connection);
    let mut items = quote! {
        #[doc(hidden)]
        static __DIESEL_SQL: #root::__private::diesel_migrations::EmbeddedMigrations = {
            // What `embed_migrations!` emits looks for the crate under its own name.
            use #root::__private::diesel_migrations;
            diesel_migrations::embed_migrations!(#literal)
        };
    };
    let mut entries = Vec::new();
    for (number, revision) in sql.revisions.iter().enumerate() {
        let body = format_ident!("__DIESEL_SQL_BODY_{number}");
        let entry = format_ident!("__DIESEL_SQL_ENTRY_{number}");
        let declaration = declaration(revision, root);
        let id = &revision.declared.revision;
        let constructor =
            if revision.irreversible.is_some() { quote!(irreversible) } else { quote!(reversible) };
        let watched = revision.metadata.iter().map(|path| {
            quote!(
                const _: &[u8] = ::core::include_bytes!(#path);
            )
        });
        items.extend(quote! {
            #(#watched)*
            #[doc(hidden)]
            static #body: #root::diesel_sql::SqlRevision<#connection> =
                #root::diesel_sql::SqlRevision::new(&__DIESEL_SQL, #id);
            #[doc(hidden)]
            pub(crate) static #entry: #root::registry::Entry<#connection> =
                #root::registry::Entry::#constructor(#declaration, &#body);
            #root::__private::inventory::submit! { #root::registry::EntryRef(&#entry) }
        });
        entries.push(quote!(&#entry));
    }
    let path = &sql.path;
    Expanded { items, entries, manifest: quote!(.with_diesel_dir(#path)) }
}

fn declaration(revision: &SqlRevision, root: &TokenStream) -> TokenStream {
    let SqlRevision { declared, place, message, transaction, irreversible, checksum, .. } = revision;
    let (id, down_revisions) = (&declared.revision, &declared.down_revisions);
    let irreversible = irreversible.map_or_else(
        || quote!(::core::option::Option::None),
        |why| quote!(::core::option::Option::Some(#why)),
    );
    let file = format!("{place}/up.sql");
    quote! {
        #root::registry::Declaration {
            revision: #id,
            down_revisions: &[#(#down_revisions),*],
            depends_on: &[],
            branch_labels: &[],
            message: #message,
            transaction: #transaction,
            irreversible: #irreversible,
            allow: &[],
            checksum: ::core::option::Option::Some(#checksum),
            crate_name: ::core::env!("CARGO_PKG_NAME"),
            crate_version: ::core::env!("CARGO_PKG_VERSION"),
            file: #file,
            line: 1,
            struct_name: "up.sql",
        }
    }
}
