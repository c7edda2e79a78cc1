//! Names for the constraints of one table.

use std::collections::BTreeSet;

use crate::operation::naming::{column_constraint_name, numbered};
use crate::operation::{Constraint, Table};

/// Gives the constraints of a table their names: each its own, or the default one, with a number behind it where
/// another has that already, as PostgreSQL does it.
#[derive(Debug)]
pub(super) struct Names<'t> {
    table: &'t str,
    taken: BTreeSet<String>,
}

impl<'t> Names<'t> {
    /// For a new table: the names that were given are not given again.
    pub(super) fn of_table(table: &'t Table) -> Self {
        let given = table.constraints.iter().filter_map(|constraint| constraint.name().map(str::to_owned));
        Self { table: &table.name.name, taken: given.collect() }
    }

    /// For something added to a table of this name, of whose other constraints nothing is known.
    pub(super) fn in_table(table: &'t str) -> Self {
        Self { table, taken: BTreeSet::new() }
    }

    /// The name of a constraint of the table.
    pub(super) fn of(&mut self, constraint: &Constraint) -> String {
        if let Some(name) = constraint.name() {
            return name.to_owned();
        }
        let table = self.table;
        self.free(|number| constraint.default_name(table, number))
    }

    /// The name of a constraint that stands with a column.
    pub(super) fn of_column(&mut self, column: &str, label: &str) -> String {
        let table = self.table;
        self.free(|number| column_constraint_name(table, column, &numbered(label, number)))
    }

    fn free(&mut self, name: impl Fn(usize) -> String) -> String {
        let mut number = 0;
        loop {
            let name = name(number);
            if self.taken.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}
