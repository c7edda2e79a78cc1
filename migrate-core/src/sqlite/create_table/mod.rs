//! The text of a `CREATE TABLE`, taken apart.

mod column;
mod cursor;
mod parse;
mod reference;
mod table_constraint;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use self::parse::ParseError;
pub(super) use self::parse::{parse_column, parse_table_constraint};
use super::name;

/// The text of a `CREATE TABLE` as `sqlite_schema.sql` holds it, and where each part stands in it.
///
/// All places are byte ranges of [`text`](Self::text), from the first token of the part to its last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTable {
    pub(super) text: String,
    pub(super) name: Name,
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<TableConstraint>,
    pub(super) options: Options,
}

impl CreateTable {
    /// Reads a statement.
    ///
    /// # Errors
    ///
    /// For whatever is not understood, with its place: a virtual table, a statement of another kind, a form of
    /// `CREATE TABLE` that this version does not know.
    pub fn parse(text: impl Into<String>) -> Result<Self, ParseError> {
        parse::create_table(text.into())
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The table's name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The columns in their order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The constraints behind the columns, in their order.
    pub fn constraints(&self) -> &[TableConstraint] {
        &self.constraints
    }

    /// What stands behind the closing parenthesis.
    pub fn options(&self) -> Options {
        self.options
    }

    /// The column with this name.
    pub fn column(&self, wanted: &str) -> Option<&Column> {
        self.columns.iter().find(|column| name::same(&column.name.value, wanted))
    }

    /// The text at a place.
    pub fn slice(&self, span: &Range<usize>) -> &str {
        &self.text[span.clone()]
    }

    /// The column that is another name of the rowid, if there is one.
    ///
    /// `INTEGER PRIMARY KEY` is, in exactly this type and, in a column's definition, not with `DESC`.
    pub fn rowid_alias(&self) -> Option<&Column> {
        if self.options.without_rowid {
            return None;
        }
        let is_integer = |column: &&Column| {
            column.type_.as_ref().is_some_and(|span| self.slice(span).eq_ignore_ascii_case("INTEGER"))
        };
        let own = |column: &&Column| {
            let is_key = |constraint: &ColumnConstraint| {
                matches!(constraint.rule, ColumnRule::PrimaryKey { descending: false, .. })
            };
            column.constraints.iter().any(is_key)
        };
        let listed = || {
            let key = self.constraints.iter().find_map(|constraint| match &constraint.rule {
                TableRule::PrimaryKey { columns, .. } => Some(columns),
                _ => None,
            })?;
            let [only] = key.as_slice() else { return None };
            self.column(&only.value)
        };
        self.columns.iter().find(own).or_else(listed).filter(is_integer)
    }

    /// Whether rowids are never given twice.
    pub fn is_autoincrement(&self) -> bool {
        let of_column =
            self.columns.iter().flat_map(|column| &column.constraints).any(|constraint| {
                matches!(constraint.rule, ColumnRule::PrimaryKey { autoincrement: true, .. })
            });
        let of_table = self
            .constraints
            .iter()
            .any(|constraint| matches!(constraint.rule, TableRule::PrimaryKey { autoincrement: true, .. }));
        of_column || of_table
    }

    /// Every foreign key: the columns that refer, the target, and the constraint's place.
    pub fn foreign_keys(&self) -> impl Iterator<Item = (Vec<&str>, &References)> {
        let of_columns = self.columns.iter().flat_map(|column| {
            column.constraints.iter().filter_map(|constraint| match &constraint.rule {
                ColumnRule::References(target) => Some((vec![column.name.value.as_str()], target)),
                _ => None,
            })
        });
        let of_table = self.constraints.iter().filter_map(|constraint| match &constraint.rule {
            TableRule::ForeignKey { columns, target } => {
                Some((columns.iter().map(|name| name.value.as_str()).collect(), target))
            }
            _ => None,
        });
        of_columns.chain(of_table)
    }
}

/// A name in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The name itself, without quotes.
    pub value: String,
    /// Its place, with the quotes.
    pub span: Range<usize>,
}

/// The definition of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// The place of its declared type; SQLite needs none.
    pub type_: Option<Range<usize>>,
    /// What stands behind the type, in its order.
    pub constraints: Vec<ColumnConstraint>,
    /// The place of the whole definition.
    pub span: Range<usize>,
}

impl Column {
    /// Whether values are computed rather than written.
    pub fn is_generated(&self) -> bool {
        self.constraints.iter().any(|constraint| matches!(constraint.rule, ColumnRule::Generated { .. }))
    }
}

/// A constraint in a column's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnConstraint {
    /// The name after `CONSTRAINT`.
    pub name: Option<Name>,
    /// What it says.
    pub rule: ColumnRule,
    /// The place of the whole constraint, with its name.
    pub span: Range<usize>,
}

/// What a constraint in a column's definition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnRule {
    /// `PRIMARY KEY [ASC | DESC] [ON CONFLICT …] [AUTOINCREMENT]`.
    PrimaryKey {
        /// Whether `DESC` is there.
        descending: bool,
        /// Whether `AUTOINCREMENT` is there.
        autoincrement: bool,
    },
    /// `NOT NULL [ON CONFLICT …]`.
    NotNull,
    /// `NULL`, which says nothing.
    Null,
    /// `UNIQUE [ON CONFLICT …]`.
    Unique,
    /// `CHECK (…)`.
    Check {
        /// The place of the expression, without the parentheses.
        expression: Range<usize>,
    },
    /// `DEFAULT …`.
    Default {
        /// The place of the value, with its parentheses if it has any.
        value: Range<usize>,
    },
    /// `COLLATE …`.
    Collate(Name),
    /// `REFERENCES …`.
    References(References),
    /// `DEFERRABLE …` apart from its `REFERENCES`.
    Deferral(Deferral),
    /// `[GENERATED ALWAYS] AS (…) [STORED | VIRTUAL]`.
    Generated {
        /// The place of the expression, without the parentheses.
        expression: Range<usize>,
        /// Where the value is kept.
        kind: GeneratedKind,
    },
    /// `CONSTRAINT name` with nothing behind it, which SQLite lets pass.
    Nothing,
}

/// Where the value of a computed column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneratedKind {
    /// In the row.
    Stored,
    /// Nowhere; the default.
    Virtual,
}

/// A constraint behind the columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableConstraint {
    /// The name after `CONSTRAINT`.
    pub name: Option<Name>,
    /// What it says.
    pub rule: TableRule,
    /// The place of the whole constraint, with its name.
    pub span: Range<usize>,
}

/// What a constraint behind the columns says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableRule {
    /// `PRIMARY KEY (… [AUTOINCREMENT]) [ON CONFLICT …]`.
    PrimaryKey {
        /// The key, without collations and directions.
        columns: Vec<Name>,
        /// Whether `AUTOINCREMENT` is there.
        autoincrement: bool,
    },
    /// `UNIQUE (…) [ON CONFLICT …]`.
    Unique {
        /// The key, without collations and directions.
        columns: Vec<Name>,
    },
    /// `CHECK (…) [ON CONFLICT …]`.
    Check {
        /// The place of the expression, without the parentheses.
        expression: Range<usize>,
    },
    /// `FOREIGN KEY (…) REFERENCES …`.
    ForeignKey {
        /// The columns that refer.
        columns: Vec<Name>,
        /// What they refer to.
        target: References,
    },
    /// `CONSTRAINT name` with nothing behind it, which SQLite lets pass.
    Nothing,
}

/// The target of a foreign key, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct References {
    /// The table.
    pub table: Name,
    /// The columns there; none for its primary key.
    pub columns: Vec<Name>,
    /// What follows from a change there, in the order of the text; of two for one event the last counts.
    pub actions: Vec<(ActionEvent, Action)>,
    /// The word after `MATCH`, which SQLite reads and forgets.
    pub match_: Option<Name>,
    /// When it is checked.
    pub deferral: Option<Deferral>,
}

/// What a foreign key's action follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionEvent {
    /// `ON DELETE`.
    Delete,
    /// `ON UPDATE`.
    Update,
    /// `ON INSERT`, which SQLite reads and forgets.
    Insert,
}

/// What a foreign key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `NO ACTION`.
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`.
    SetDefault,
}

/// When a foreign key is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deferral {
    /// `NOT DEFERRABLE`, or `DEFERRABLE` without `INITIALLY DEFERRED`: with each statement.
    Immediate,
    /// `DEFERRABLE INITIALLY DEFERRED`: at the end of the transaction.
    Deferred,
}

/// What stands behind the closing parenthesis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `STRICT`.
    pub strict: bool,
    /// `WITHOUT ROWID`.
    pub without_rowid: bool,
}
