//! The migrations linked into a binary, and how to know that none is missing.
//!
//! `#[migration]` submits an [`EntryRef`] to `inventory`. Link-time collection fails without a word when the
//! migrations crate is never named or a linker drops an archive member, so `migrations!` also emits a
//! [`Manifest`]: what the compiler saw in the directory, with a reference to each migration that no linker can
//! drop. A run takes what the manifest carries, then what is linked, and is refused when anything is missing.
//!
//! A migration is known by its package, that package's version and its revision id, so another crate in the
//! same binary can neither supply a revision of the manifest nor get in its way.

mod catalogue;
mod collect;
mod entry;
mod error;
mod manifest;
mod runnable;
#[cfg(all(test, feature = "sqlite"))]
mod tests;

pub use self::catalogue::Catalogue;
pub(crate) use self::catalogue::{Migrations, no_body};
pub use self::collect::{carried, collect, linked, unlisted};
pub use self::entry::{AnyEntry, Declaration, Entry};
#[doc(hidden)]
pub use self::entry::{EntryRef, ManifestRef};
pub use self::error::{Clash, Incomplete, Mismatch, Origin, RegistryError};
pub use self::manifest::Manifest;
pub use self::runnable::Runnable;
