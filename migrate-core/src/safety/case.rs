use super::code::Code;
use super::facts::{Facts, same};
use crate::connection::Dialect;
use crate::number::grouped;
use crate::operation::{Assumption, Column, Effect, Name, Operation, TableChange, TableLock};
use crate::preview::StepPreview;

/// What a rule sees: a step, and what is known besides.
pub(super) struct Case<'a> {
    pub(super) step: &'a StepPreview,
    pub(super) dialect: Dialect,
    pub(super) facts: &'a Facts,
    /// The tables that the step creates, and from which operation on.
    born: Vec<(usize, Name)>,
}

/// A change to a table that was there before the step.
#[expect(clippy::struct_field_names, reason = "what is changed stands beside the change")]
pub(super) struct Change<'a> {
    pub(super) at: usize,
    pub(super) table: &'a Name,
    pub(super) change: &'a TableChange,
}

/// A column that a step creates.
pub(super) struct NewColumn<'a> {
    pub(super) at: usize,
    pub(super) table: &'a Name,
    pub(super) column: &'a Column,
}

/// A lock on a table that was there before the step.
#[derive(Clone, Copy)]
pub(super) struct Taken<'a> {
    pub(super) at: usize,
    pub(super) table: &'a Name,
    pub(super) lock: TableLock,
}

impl<'a> Case<'a> {
    pub(super) fn new(step: &'a StepPreview, dialect: Dialect, facts: &'a Facts) -> Self {
        let mut case = Self { step, dialect, facts, born: Vec::new() };
        for (at, operation) in step.operations.iter().map(|preview| &preview.operation).enumerate() {
            match operation {
                Operation::CreateTable(table) => case.born.push((at, table.name.clone())),
                Operation::RenameTable { from, to } if case.is_new(from, at) => {
                    case.born.push((at, from.sibling(to)));
                }
                _ => {}
            }
        }
        case
    }

    /// How Rust code is printed for this server.
    pub(super) fn code(&self) -> Code {
        Code(self.dialect)
    }

    pub(super) fn operations(&self) -> impl Iterator<Item = (usize, &'a Operation)> + use<'a> {
        self.step.operations.iter().map(|preview| &preview.operation).enumerate()
    }

    /// Whether a table was created by an operation before this one (or is by this one), or by an earlier step of the
    /// run.
    pub(super) fn is_new(&self, table: &Name, at: usize) -> bool {
        self.born.iter().any(|(born, name)| *born <= at && same(name, table))
            || self.facts.new_tables.iter().any(|name| same(name, table))
    }

    /// The changes to tables that were there before.
    pub(super) fn changes(&self) -> impl Iterator<Item = Change<'a>> {
        self.all_changes().filter(|change| !self.is_new(change.table, change.at))
    }

    fn all_changes(&self) -> impl Iterator<Item = Change<'a>> + use<'a> {
        self.operations().flat_map(|(at, operation)| {
            let alter = if let Operation::AlterTable(alter) = operation { Some(alter) } else { None };
            alter.into_iter().flat_map(move |alter| {
                alter.changes.iter().map(move |change| Change { at, table: &alter.table, change })
            })
        })
    }

    /// The columns that are added to tables that were there before.
    pub(super) fn added_columns(&self) -> impl Iterator<Item = NewColumn<'a>> {
        self.changes().filter_map(|Change { at, table, change }| match change {
            TableChange::AddColumn(column) => Some(NewColumn { at, table, column }),
            _ => None,
        })
    }

    /// All columns that the step creates, also those of new tables.
    pub(super) fn new_columns(&self) -> impl Iterator<Item = NewColumn<'a>> + use<'a> {
        self.operations().flat_map(|(at, operation)| {
            let (table, columns): (_, Vec<&Column>) = match operation {
                Operation::CreateTable(table) => (Some(&table.name), table.columns.iter().collect()),
                Operation::AlterTable(alter) => {
                    let added = alter.changes.iter().filter_map(|change| match change {
                        TableChange::AddColumn(column) => Some(&**column),
                        _ => None,
                    });
                    (Some(&alter.table), added.collect())
                }
                _ => (None, Vec::new()),
            };
            let columns = table.map(|table| columns.into_iter().map(move |column| (table, column)));
            columns.into_iter().flatten().map(move |(table, column)| NewColumn { at, table, column })
        })
    }

    /// What each statement does to others.
    pub(super) fn effects(&self) -> impl Iterator<Item = (usize, &'a Effect)> + use<'a> {
        self.step
            .operations
            .iter()
            .enumerate()
            .flat_map(|(at, preview)| preview.statements.iter().map(move |statement| (at, &statement.effect)))
    }

    /// Whether an operation writes all rows of a table anew, as far as its statements say so.
    pub(super) fn rewrites(&self, at: usize, table: &Name) -> bool {
        self.effects().any(|(other, effect)| other == at && effect.rewrites.contains(table))
    }

    /// Whether what the statements of an operation do has been worked out.
    pub(super) fn has_effects(&self, at: usize) -> bool {
        let statements = &self.step.operations[at].statements;
        !statements.is_empty() && statements.iter().all(|statement| !statement.effect.unknown)
    }

    /// Whether the effect of an operation is only the worst that may be, for want of the type of a column.
    pub(super) fn assumes_type(&self, at: usize, column: &str) -> bool {
        let mut assumed =
            self.effects().filter(|(other, _)| *other == at).flat_map(|(_, effect)| &effect.assumed);
        assumed.any(|one| matches!(one, Assumption::ColumnType { column: other, .. } if other == column))
    }

    /// The locks that make readers or writers wait, in the order in which they are taken.
    pub(super) fn strong_locks(&self) -> impl Iterator<Item = Taken<'a>> {
        let locks = self.effects().flat_map(|(at, effect)| {
            effect.locks.iter().map(move |(table, lock)| Taken { at, table, lock: *lock })
        });
        locks.filter(|taken| taken.lock.blocks_writes() && !self.is_new(taken.table, taken.at))
    }

    /// A table as it is spoken of: with its rows, where they are known.
    pub(super) fn sized(&self, table: &Name) -> String {
        match self.facts.rows_of(table) {
            Some(rows) => format!("{table} (about {} rows)", grouped(rows)),
            None => table.to_string(),
        }
    }
}

impl Taken<'_> {
    /// Who waits for it.
    pub(super) fn waiting(&self) -> &'static str {
        if self.lock.blocks_reads() { "everybody" } else { "everybody who writes" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn a_table_is_new_from_its_creation_on_and_under_its_later_names() {
        let tested = step(|cx| {
            cx.add_column("teams", column("a", Text))?;
            cx.create_table(table("teams").column(column("id", BigInt)))?;
            cx.rename_table("teams", "groups")?;
            cx.add_column("groups", column("b", Text))?;
            cx.add_column("users", column("c", Text))
        });
        let facts = Facts::default();
        let case = Case::new(&tested.step, Dialect::Postgres, &facts);
        let changed: Vec<_> = case.added_columns().map(|new| new.column.name.as_str()).collect();
        assert_eq!(changed, ["a", "c"]);
        let created: Vec<_> = case.new_columns().map(|new| new.column.name.as_str()).collect();
        assert_eq!(created, ["a", "id", "b", "c"]);
    }

    #[test]
    fn what_an_earlier_step_of_the_run_creates_is_new_too() {
        let mut facts = Facts::default();
        facts.after(
            &step(|cx| {
                cx.create_table(table("teams").column(column("id", BigInt)))?;
                cx.create_table(table("gone").column(column("id", BigInt)))?;
                cx.rename_table("teams", "groups")?;
                cx.drop_table("gone")
            })
            .step,
        );
        let tested = step(|cx| {
            cx.add_column("groups", column("a", Text))?;
            cx.add_column("gone", column("b", Text))
        });
        let lock = |table| crate::safety::testing::locks(table, TableLock::AccessExclusive);
        let tested = tested.effect(0, lock("groups")).effect(1, lock("gone"));
        let case = Case::new(&tested.step, Dialect::Postgres, &facts);
        let changed: Vec<_> = case.added_columns().map(|new| new.column.name.as_str()).collect();
        assert_eq!(changed, ["b"]);
        assert_eq!(case.strong_locks().map(|taken| taken.at).collect::<Vec<_>>(), [1]);
    }
}
