//! Is the database what the revisions make it? They are applied to an empty scratch database, and the two compared.

mod compare;
mod error;
mod postgres;
mod scratch;
mod sqlite;
mod surroundings;
mod verification;

pub use self::error::{MakeError, VerifyError};
pub use self::scratch::ScratchDatabase;
pub use self::verification::{Verification, Verify};
