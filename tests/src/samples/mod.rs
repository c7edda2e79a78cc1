//! Every operation with every parameter, by name: what the renderers of all servers are tested with.
//!
//! | file | what it has |
//! |---|---|
//! | `table`, `column`, `constraint`, `index`, `types`, `enums`, `object`, `rows` | ordinary ones, by topic |
//! | `hostile` | names and values that break whoever forgets to quote |
//! | `refused` | contradictions, to be found before anything runs |

mod column;
mod constraint;
mod enums;
mod hostile;
mod index;
mod object;
mod refused;
mod rows;
mod sample;
mod table;
mod types;

pub use self::hostile::{HOSTILE_NAMES, HOSTILE_TEXTS, Hostile, hostile};
pub use self::refused::refused;
pub use self::sample::Sample;

/// Operations that a server does, or says that it has nothing of the kind.
#[must_use]
pub fn samples() -> Vec<Sample> {
    [
        table::samples(),
        column::samples(),
        constraint::samples(),
        index::samples(),
        types::samples(),
        enums::samples(),
        object::samples(),
        rows::samples(),
    ]
    .concat()
}
