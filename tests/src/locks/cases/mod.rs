//! The facts, by subject.

mod columns;
mod constraints;
mod foreign_keys;
mod indexes;
mod not_null;
mod partitions;
mod rows;
mod settings;
mod tables;
mod types;
mod views;

use super::case::Section;

/// All facts, in the order of the document.
pub const SECTIONS: &[Section] = &[
    columns::SECTION,
    not_null::SECTION,
    types::SECTION,
    constraints::SECTION,
    foreign_keys::SECTION,
    indexes::SECTION,
    tables::SECTION,
    partitions::SECTION,
    views::SECTION,
    settings::SECTION,
    rows::SECTION,
];
