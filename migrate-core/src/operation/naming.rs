//! Names for constraints that were not given one.
//!
//! PostgreSQL names a constraint after its table and columns (`makeObjectName` in its `indexcmds.c`). The same
//! names are written out on every server, so that a later revision can drop a constraint by its name anywhere.

use std::collections::BTreeSet;

use super::constraint::{Constraint, ExcludeKey, PrimaryKey, Unique};
use super::table::{AlterTable, Table, TableChange};

/// The longest name that PostgreSQL keeps, in bytes.
pub const LONGEST_NAME: usize = 63;

impl Constraint {
    /// The name that it has in a table: its own, that of the index that it takes over, or the one that PostgreSQL
    /// would give it.
    ///
    /// A `CHECK` of a table is called `<table>_check`; of several the later ones get numbers when the table is
    /// rendered.
    #[must_use]
    pub fn name_in(&self, table: &str) -> String {
        self.given_name().map_or_else(|| self.numbered_name(table, 0), str::to_owned)
    }

    fn given_name(&self) -> Option<&str> {
        match self {
            Self::PrimaryKey(PrimaryKey { name: None, using_index, .. })
            | Self::Unique(Unique { name: None, using_index, .. }) => using_index.as_deref(),
            _ => self.name(),
        }
    }

    fn numbered_name(&self, table: &str, number: usize) -> String {
        let named = |columns: &str, label| object_name(table, columns, &numbered(label, number));
        match self {
            Self::PrimaryKey(_) => named("", "pkey"),
            Self::Unique(unique) => named(&unique.columns.join("_"), "key"),
            Self::Check(_) => named("", "check"),
            Self::ForeignKey(key) => named(&key.columns.join("_"), "fkey"),
            Self::Exclude(exclude) => {
                let keys = exclude.elements.iter().map(|(key, _)| match key {
                    ExcludeKey::Column(column) => column.as_str(),
                    ExcludeKey::Expression(_) => "expr",
                });
                named(&keys.collect::<Vec<_>>().join("_"), "excl")
            }
        }
    }
}

/// Names the constraints of one statement, so that no two that were not given one get the same: the second
/// `CHECK` of `users` is `users_check1`.
///
/// What the table had before is not known here; a name that is taken there is the server's error.
#[derive(Debug)]
pub(crate) struct ConstraintNames<'t> {
    table: &'t str,
    taken: BTreeSet<String>,
}

impl<'t> ConstraintNames<'t> {
    /// For a new table. What was given a name keeps it, wherever it stands.
    pub(crate) fn of_table(table: &'t Table) -> Self {
        let constraints = table.constraints.iter().filter_map(Constraint::given_name);
        let indexes = table.indexes.iter().map(|index| index.name.as_str());
        let taken = constraints.chain(indexes).map(str::to_owned).collect();
        Self { table: &table.name.name, taken }
    }

    /// For changes to a table.
    pub(crate) fn of_changes(alter: &'t AlterTable) -> Self {
        let added = alter.changes.iter().filter_map(|change| match change {
            TableChange::AddConstraint(constraint) => constraint.given_name(),
            _ => None,
        });
        Self { table: &alter.table.name, taken: added.map(str::to_owned).collect() }
    }

    /// The name of a constraint of the table.
    pub(crate) fn constraint(&mut self, constraint: &Constraint) -> String {
        let table = self.table;
        match constraint.given_name() {
            Some(name) => name.to_owned(),
            None => self.first_free(|number| constraint.numbered_name(table, number)),
        }
    }

    /// The name of a constraint that stands with a column: `label` is `pkey`, `key`, `check` or `fkey`.
    pub(crate) fn column(&mut self, column: &str, label: &str) -> String {
        let table = self.table;
        // A table has one primary key, and it is called after the table alone.
        let column = if label == "pkey" { "" } else { column };
        self.first_free(|number| object_name(table, column, &numbered(label, number)))
    }

    /// The names that are taken so far.
    pub(crate) fn taken(&self) -> &BTreeSet<String> {
        &self.taken
    }

    fn first_free(&mut self, name: impl Fn(usize) -> String) -> String {
        // One more than are taken: one of them is free.
        let free =
            (0..=self.taken.len()).map(name).find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }
}

fn numbered(label: &str, number: usize) -> String {
    if number == 0 { label.to_owned() } else { format!("{label}{number}") }
}

/// The name of a constraint that stands with a column: `label` is `key`, `check` or `fkey`.
#[must_use]
pub fn column_constraint_name(table: &str, column: &str, label: &str) -> String {
    object_name(table, column, label)
}

/// The names of all constraints and indexes that the definition of a table makes.
pub(crate) fn names_in(table: &Table) -> BTreeSet<String> {
    let mut names = ConstraintNames::of_table(table);
    for column in &table.columns {
        let labels = [
            ("pkey", usize::from(column.primary_key)),
            ("key", usize::from(column.unique)),
            ("check", column.checks.len()),
            ("fkey", usize::from(column.references.is_some())),
        ];
        for (label, times) in labels {
            (0..times).for_each(|_| drop(names.column(&column.name, label)));
        }
    }
    table.constraints.iter().for_each(|constraint| drop(names.constraint(constraint)));
    names.taken
}

/// `table_columns_label`, cut where it is longest until it fits into [`LONGEST_NAME`] bytes.
pub(crate) fn object_name(table: &str, columns: &str, label: &str) -> String {
    let separators = if columns.is_empty() { 1 } else { 2 };
    let room = LONGEST_NAME.saturating_sub(label.len() + separators);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let (table, columns) = (cut(table, first), cut(columns, second));
    if columns.is_empty() { format!("{table}_{label}") } else { format!("{table}_{columns}_{label}") }
}

/// At most `bytes` bytes of a text, whole characters only.
fn cut(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{check, foreign_key, index, primary_key, table, unique};

    #[test]
    fn a_constraint_is_named_as_postgres_names_it() {
        let name = |constraint: Constraint| constraint.name_in("users");
        assert_eq!(name(primary_key(["id"]).into()), "users_pkey");
        assert_eq!(name(unique(["tenant", "email"]).into()), "users_tenant_email_key");
        assert_eq!(name(check("age > 0").into()), "users_check");
        assert_eq!(name(foreign_key(["team_id"], "teams", ["id"]).into()), "users_team_id_fkey");
        assert_eq!(name(unique(["email"]).named("one_email").into()), "one_email");
    }

    #[test]
    fn a_constraint_that_takes_an_index_over_has_the_name_of_the_index() {
        let taken_over = Constraint::from(unique([""; 0]).using_index("idx_users_email"));
        assert_eq!(taken_over.name_in("users"), "idx_users_email");
    }

    #[test]
    fn later_constraints_of_one_name_get_numbers() {
        let checks = [check("a > 0"), check("b > 0"), check("c > 0").named("users_check2"), check("d > 0")];
        let users = checks.into_iter().fold(table("users"), Table::constraint);
        let users = users.with_index(index("users_email_key").on("", ["email"]));
        let mut names = ConstraintNames::of_table(&users);
        let found: Vec<_> = users.constraints.iter().map(|constraint| names.constraint(constraint)).collect();
        assert_eq!(found, ["users_check", "users_check1", "users_check2", "users_check3"]);
        assert_eq!(names.column("email", "key"), "users_email_key1");
        assert_eq!(names.column("id", "pkey"), "users_pkey");
    }

    #[test]
    fn a_long_name_is_cut_where_it_is_longest() {
        let name = object_name(&"t".repeat(70), "email", "key");
        assert_eq!(name.len(), LONGEST_NAME);
        assert!(name.ends_with("t_email_key"), "{name}");
    }

    #[test]
    fn a_name_is_cut_between_characters() {
        let name = object_name(&"ü".repeat(40), "", "pkey");
        assert!(name.len() <= LONGEST_NAME);
        assert!(name.ends_with("ü_pkey"), "{name}");
    }
}
