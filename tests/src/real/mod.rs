//! Four data migrations of real projects, each as one would write it with a typed backfill.
//!
//! They are written to be copied from: `docs/examples.md` says what each one shows. `versions` holds the revisions,
//! `data` makes rows like those of the project, the ugly ones included, and says what has to become of each: it knows
//! that from how it made the row, not from reading it as the backfill does.

pub mod open_webui;
pub mod quay;
pub mod warehouse;
pub mod whisperengine;
