//! The [`#[migration]`](macro@migration) attribute and the [`migrations!`] macro.
//!
//! Both are re-exported by `migrate_core`, which the generated code refers to; depend on that crate instead.
//!
//! A migrations crate is a directory of files, one revision each, and two lines that turn it into a history:
//!
//! ```ignore
//! pub type Connection = migrate_core::AnyConnection;
//! migrate_core::migrations!("src/versions");
//! ```

mod args;
mod checksum;
mod directory;
mod expand;
mod lexer;
mod model;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro::{Span, TokenStream};

/// Registers a unit struct as the migration of one revision.
///
/// The struct implements `Migration`, with `up` and `down`, or, when the attribute says `irreversible`,
/// `IrreversibleMigration`, with `up` alone. The item itself is left as it is.
///
/// ```ignore
/// use migrate_core::prelude::*;
///
/// /// Add email_verified to users
/// #[migration(revision = "abc123", down_revision = "def456")]
/// pub struct AddEmailVerified;
///
/// impl Migration for AddEmailVerified {
///     type Connection = crate::Connection;
///
///     fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
///         cx.add_column("users", column("email_verified", Boolean).not_null().default(false))
///     }
///
///     fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
///         cx.drop_column("users", "email_verified")
///     }
/// }
/// ```
///
/// # Arguments
///
/// In any order, each at most once but for `allow`. Values are literals: the graph must be known without running anything.
///
/// | argument | value | without it |
/// |---|---|---|
/// | `revision` | the revision id | an error |
/// | `down_revision` | the parent: `"def456"`; the parents of a merge: `["def456", "789abc"]`; `None` | a base: no parent |
/// | `depends_on` | revision ids or branch labels that come first without being parents: `["def456"]`, `"billing"` | none |
/// | `branch_labels` | names for the branch that starts here: `["billing"]`, `"billing"` | none |
/// | `message` | what the revision does, one line | the first line of the doc comment, else empty |
/// | `transaction` | `false` to run outside of a transaction | `true` |
/// | `irreversible` | why the revision cannot be undone; asks for `IrreversibleMigration` | it can be undone |
/// | `allow(…)` | safety rules that it excuses itself from, and why: `allow(drop_column, reason = "ignored since 2.3")`; may be repeated | it excuses itself from none |
/// | `crate` | the path of `migrate_core`, when that has another name: `crate = core_of_ours` | `::migrate_core` |
///
/// Ids and labels are not empty, hold no white space, no control character and none of `@ - + : ,`, and are none
/// of `head`, `heads`, `base` and `current`: all of these mean something in a target such as `billing@head`.
///
/// # Errors
///
/// All mistakes are reported at once, each at the argument that it is about:
///
/// - an unknown argument (with the known one that it resembles), a repeated one, one without a value;
/// - no `revision`;
/// - a value of the wrong kind: `transaction = "no"`, `depends_on = [1]`;
/// - an empty, reserved or unusable id or label;
/// - an id that is repeated in one list, a revision that is its own parent or dependency, a label that is the
///   revision's own id;
/// - an empty merge, `down_revision = []`;
/// - an `irreversible` without a reason, a `message` of several lines;
/// - an `allow` without a rule or without a reason, a rule that is allowed twice; one that does not exist is an
///   error of rustc's at its name;
/// - an item that is no unit struct, or has parameters.
///
/// That a parent exists is checked by [`migrations!`], which sees all files.
///
/// # Checksum
///
/// The registration carries a SHA-256 of the file that holds the attribute: of its tokens in a canonical form.
/// Comments, documentation, layout, lint attributes, `#[cfg(test)]` items, this attribute, and everything else
/// that `rustfmt` may change do not count; neither do other files that the migration uses. A migration that was
/// applied and then edited is thereby told from one that was only formatted. There is no checksum where the
/// compiler does not know the file, as in an editor.
///
/// # Expansion
///
/// The item, a hidden static `__MIGRATION_ENTRY_<Struct>`, and an `inventory::submit!` of it.
#[proc_macro_attribute]
pub fn migration(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let source = Span::call_site().local_file().and_then(|file| std::fs::read_to_string(file).ok());
    let checksum = source.and_then(|source| checksum::checksum(&source));
    expand::migration(arguments.into(), &item.into(), checksum.as_deref()).into()
}

/// Declares a directory of migrations: a module for each file, a manifest, and a list.
///
/// ```ignore
/// migrate_core::migrations!("src/versions");
/// ```
///
/// The path is relative to the directory of the package's `Cargo.toml`. A second argument names the manifests of
/// the crates whose revisions this one builds on, a third one where `migrate_core` is when it has another name:
///
/// ```ignore
/// migrate_core::migrations!("src/versions", follows = [archive::MANIFEST], crate = core_of_ours);
/// ```
///
/// # Diesel's SQL migrations
///
/// ```ignore
/// pub type Connection = diesel::PgConnection;
/// migrate_core::migrations!("src/versions", diesel = "../migrations");
/// ```
///
/// With the feature `diesel-migrations` of migrate-core, `diesel` names an existing directory of `up.sql` and `down.sql`,
/// relative like the first one. Each of its subdirectories is a revision, embedded by `diesel_migrations`:
///
/// | of the revision | from the directory `2024-03-04-091500_create_users` |
/// |---|---|
/// | id | the version as Diesel has it, `20240304091500` |
/// | message | `create users` |
/// | `down_revision` | the version before |
/// | `transaction = false` | `metadata.toml` with `run_in_transaction = false` |
/// | irreversible | no `down.sql`, or none with a statement in it |
/// | checksum | SHA-256 of both texts, whatever their line ends |
/// | connection type | `Connection`, which stands beside the macro |
///
/// Files and hidden directories are passed over. A Rust revision continues the SQL by naming its last version as
/// `down_revision`.
///
/// # What counts
///
/// Each `*.rs` file becomes a public module, hidden from the documentation, named after the file:
/// `20251011_abc123_add.rs` is `m_20251011_abc123_add`. A file without a `#[migration]` is a module like any
/// other, for what several migrations share. Subdirectories and hidden files are not read; a second directory is
/// a second `migrations!` in a module or a crate of its own.
///
/// A `#[migration]` is seen where it stands under its own name at the top level of its file. Cargo does not
/// notice a new file by itself; a `build.rs` that prints `cargo:rerun-if-changed=src/versions` makes it.
///
/// # What it emits
///
/// - `pub const MANIFEST: migrate_core::registry::Manifest`: package, directory and revision ids. To name it in a
///   binary is also what keeps the crate linked.
/// - `pub static ENTRIES: &[&dyn migrate_core::registry::AnyEntry]`: the migrations by file name, a list that
///   does not depend on link-time collection.
///
/// # Errors
///
/// All of these are reported at once, at the path, with file and line:
///
/// - a directory that cannot be read;
/// - of SQL migrations, at `diesel`: a directory that holds none, one without `up.sql` or with an empty one, two of one
///   version, a version that cannot be an id, a `metadata.toml` that is not TOML or does not say `run_in_transaction`;
/// - a revision in two files; two migrations in one file; a migration in an inner module; a `mod.rs`;
/// - a migration under `#[cfg]`: the history is the same in every build;
/// - a parent that does not exist; with `follows`, one that is in none of those crates either;
/// - a dependency that is neither a revision nor a branch label; with `follows` this is left to run time, since a
///   label may come from another crate;
/// - a cycle;
/// - a branch label that two revisions use, or that is also a revision.
///
/// While the attribute of some file is wrong, missing parents are not reported: it may be the parent.
#[proc_macro]
pub fn migrations(input: TokenStream) -> TokenStream {
    let call = Span::call_site();
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default().into();
    let file = call.local_file().and_then(|file| std::path::absolute(file).ok());
    let site = directory::CallSite { package, file, position: (call.line(), call.column()) };
    directory::migrations(input.into(), &site).into()
}
