//! What people see: streams, colours, tables and questions.
//!
//! stdout carries data, stderr talk. Nothing else in this crate writes to a stream.

mod palette;
mod printer;
mod signals;
mod table;
mod world;

pub use self::palette::Palette;
pub use self::printer::{Printer, Volume};
pub use self::signals::Signals;
pub(crate) use self::signals::{Attention, Phase};
pub use self::table::{Cell, Column, Table};
pub use self::world::{Stream, World};
