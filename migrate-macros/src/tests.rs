//! What `#[migration]` expands to, case by case.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::migration;

pub(crate) fn pretty(expansion: &TokenStream) -> String {
    let file = syn::parse2(expansion.clone()).unwrap_or_else(|error| panic!("{error}: {expansion}"));
    prettyplease::unparse(&file)
}

fn expanded(arguments: TokenStream, item: &TokenStream) -> String {
    pretty(&migration(arguments, item, Some("c0ffee")))
}

#[test]
fn a_base_needs_only_a_revision() {
    insta::assert_snapshot!(expanded(quote!(revision = "abc123"), &quote! { struct AddUsers; }));
}

#[test]
fn the_first_line_of_the_documentation_is_the_message() {
    let item = quote! {
        #[doc = ""]
        #[doc = " Add email_verified to users"]
        #[doc = ""]
        #[doc = " The application writes it already."]
        #[derive(Debug)]
        pub struct AddEmailVerified;
    };
    insta::assert_snapshot!(expanded(quote!(revision = "abc123", down_revision = "def456"), &item));
}

#[test]
fn every_argument_reaches_the_declaration() {
    let arguments = quote! {
        revision = "abc123",
        down_revision = ["def456", "789abc"],
        depends_on = "fedcba",
        branch_labels = ["billing", "money"],
        message = "merge",
        transaction = false,
        allow(drop_column, drop_table, reason = "nobody knows them"),
        allow(set_not_null, reason = "the table is small"),
        crate = ours::core,
    };
    insta::assert_snapshot!(expanded(arguments, &quote! { pub(crate) struct Merge; }));
}

#[test]
fn an_irreversible_migration_is_of_the_other_trait() {
    let arguments = quote!(revision = "abc123", irreversible = "the rows are gone");
    insta::assert_snapshot!(expanded(arguments, &quote! { pub struct DropUsers; }));
}

#[test]
fn without_a_local_file_there_is_no_checksum() {
    let expansion = migration(quote!(revision = "abc123"), &quote! { struct AddUsers; }, None);
    assert!(pretty(&expansion).contains("checksum: ::core::option::Option::None"));
}

#[test]
fn mistakes_leave_the_item_and_an_entry_that_is_not_registered() {
    let arguments = quote!(revison = "abc123", transaction = "no", irreversible = "");
    insta::assert_snapshot!(expanded(arguments, &quote! { pub struct AddUsers; }));
}

#[test]
fn an_item_of_another_shape_stays_without_an_entry() {
    insta::assert_snapshot!(expanded(quote!(revision = "abc123"), &quote! { enum AddUsers { A } }));
}
