//! How answers look: lines for people, documents for programs.

pub(crate) mod backfill;
pub(crate) mod deferred;
pub(crate) mod difference;
pub(crate) mod finding;
pub(crate) mod graph;
pub(crate) mod json;
pub(crate) mod meter;
pub(crate) mod plan;
pub(crate) mod rehearsal;
pub(crate) mod revision;
pub(crate) mod status;
pub(crate) mod text;
