//! The documents that `--json` prints.
//!
//! Shapes of their own, so that a change of the library changes no script. Each document has a `version`; fields
//! may be added to a version, never taken away or renamed.

mod adopt;
mod backfill;
mod check;
#[cfg(feature = "adopt-alembic")]
mod conversion;
mod plan;
mod project;
mod rehearsal;
mod revisions;
mod run;
mod script;
mod status;

pub(crate) use self::adopt::{AdoptDocument, AdoptedFilesDocument, WrittenBody};
pub(crate) use self::backfill::{BackfillDocument, BackfillRunDocument, BackfillsDocument, RetryDocument};
pub(crate) use self::check::{CheckDocument, VerificationDocument};
#[cfg(feature = "adopt-alembic")]
pub(crate) use self::conversion::ConversionDocument;
pub(crate) use self::plan::PlanDocument;
pub(crate) use self::project::InitDocument;
pub(crate) use self::rehearsal::RehearsalDocument;
pub(crate) use self::revisions::{NewDocument, RevisionsDocument};
pub(crate) use self::run::{RunDocument, StampDocument};
pub(crate) use self::script::ScriptDocument;
pub(crate) use self::status::{Counts, StatusDocument};

/// The version of every document.
const VERSION: u32 = 1;
