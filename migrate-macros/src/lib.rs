//! The `#[migration]` attribute and the `migrations!` macro.

mod args;
mod checksum;
mod directory;
mod expand;
mod lexer;
mod model;
mod validate;

use proc_macro::{Span, TokenStream};

/// Registers a unit struct as a migration.
#[proc_macro_attribute]
pub fn migration(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let source = Span::call_site().local_file().and_then(|file| std::fs::read_to_string(file).ok());
    let checksum = source.and_then(|source| checksum::checksum(&source));
    expand::migration(arguments.into(), item.into(), checksum.as_deref()).into()
}

/// Declares a directory of migrations.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let call = Span::call_site();
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default().into();
    let file = call.local_file().and_then(|file| std::path::absolute(file).ok());
    let site = directory::CallSite { package, file, position: (call.line(), call.column()) };
    directory::migrations(input.into(), &site).into()
}
