//! What a migration does to those who use the database meanwhile, and how the same is had without that.
//!
//! A [`Rule`] looks at what a step would do ([`StepPreview`](crate::preview::StepPreview)) and at what is known
//! of the database ([`Facts`]), and says what is dangerous about it: which table, which lock, who waits, and the
//! code that does the same safely. Rules are pure; only `read` touches a database.
//!
//! A rule is allowed, warned about or denied ([`Levels`]); a migration excuses itself from one with
//! `#[migration(…, allow(drop_column, reason = "…"))]`. What a table that the same step creates goes through
//! hurts nobody, so it does not count. Rules about code that still runs are not asked about a downgrade.
//!
//! | file | what it has |
//! |---|---|
//! | `rule`, `level`, `finding` | a rule, how much it matters, what it found |
//! | `case`, `facts` | what a rule sees |
//! | `attached` | what goes with tables and views, from a database |
//! | `read` | facts from a database |
//! | `check` | all rules on one step |
//! | `rules` | the rules, one a file, and their list |
//! | `code`, `text` | Rust code to be printed; SQL text looked at from afar |

mod attached;
mod case;
mod check;
mod code;
#[cfg(test)]
mod docs;
#[cfg(test)]
#[rustfmt::skip]
mod examples;
mod facts;
mod finding;
mod level;
mod read;
mod rule;
mod rules;
#[cfg(test)]
mod testing;
mod text;

pub use self::check::{Allow, Safety};
pub use self::facts::{Attached, AttachedKind, Facts, LockTimeout};
pub use self::finding::{Alternative, Draft, Finding, Place};
pub use self::level::{Level, LevelError, Levels};
pub use self::rule::{Concern, Example, Rule};
pub use self::rules::{RULES, names};
