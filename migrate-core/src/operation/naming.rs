//! Names for constraints that were not given one.
//!
//! PostgreSQL names a constraint after its table and columns (`makeObjectName` in its `indexcmds.c`). The same
//! names are written out on every server, so that a later revision can drop a constraint by its name anywhere.

use super::constraint::{Constraint, ExcludeKey};

/// The longest name that PostgreSQL keeps, in bytes.
pub const LONGEST_NAME: usize = 63;

impl Constraint {
    /// The name that it has in a table: its own, or the one that PostgreSQL would give it.
    ///
    /// A `CHECK` of a table is called `<table>_check`; of several the later ones get numbers when the table is
    /// rendered.
    #[must_use]
    pub fn name_in(&self, table: &str) -> String {
        self.name().map_or_else(|| self.default_name(table, 0), str::to_owned)
    }

    /// The name that it has without one of its own, where `number` others have the like already.
    pub(super) fn default_name(&self, table: &str, number: usize) -> String {
        let (columns, label) = match self {
            Self::PrimaryKey(_) => (String::new(), "pkey"),
            Self::Unique(unique) => (unique.columns.join("_"), "key"),
            Self::Check(_) => (String::new(), "check"),
            Self::ForeignKey(key) => (key.columns.join("_"), "fkey"),
            Self::Exclude(exclude) => {
                let keys = exclude.elements.iter().map(|(key, _)| match key {
                    ExcludeKey::Column(column) => column.as_str(),
                    ExcludeKey::Expression(_) => "expr",
                });
                (keys.collect::<Vec<_>>().join("_"), "excl")
            }
        };
        object_name(table, &columns, &numbered(label, number))
    }
}

/// The name of a constraint that stands with a column: `label` is `key`, `check` or `fkey`.
#[must_use]
pub fn column_constraint_name(table: &str, column: &str, label: &str) -> String {
    object_name(table, column, label)
}

/// The label of the next one where `number` others have it already.
pub(super) fn numbered(label: &str, number: usize) -> String {
    if number == 0 { label.to_owned() } else { format!("{label}{number}") }
}

/// `table_columns_label`, cut where it is longest until it fits into [`LONGEST_NAME`] bytes.
fn object_name(table: &str, columns: &str, label: &str) -> String {
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
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{check, foreign_key, primary_key, unique};

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
