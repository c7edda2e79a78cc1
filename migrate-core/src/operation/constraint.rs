//! Constraints of tables.

use super::name::Name;
use super::sql::Sql;

/// A constraint of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Constraint {
    /// Names a row.
    PrimaryKey(PrimaryKey),
    /// No two rows alike.
    Unique(Unique),
    /// A condition on each row.
    Check(Check),
    /// Rows of another table.
    ForeignKey(ForeignKey),
    /// No two rows that clash (PostgreSQL).
    Exclude(Exclude),
}

impl Constraint {
    /// The name that was given to it; without one it gets PostgreSQL's own, on every server.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::PrimaryKey(it) => it.name.as_deref(),
            Self::Unique(it) => it.name.as_deref(),
            Self::Check(it) => it.name.as_deref(),
            Self::ForeignKey(it) => it.name.as_deref(),
            Self::Exclude(it) => it.name.as_deref(),
        }
    }
}

macro_rules! constraint {
    ($($type:ident),*) => {$(
        impl From<$type> for Constraint {
            fn from(constraint: $type) -> Self {
                Self::$type(constraint)
            }
        }

        impl $type {
            /// Names it. Without a name it gets the one that PostgreSQL would give, on every server.
            pub fn named(self, name: impl Into<String>) -> Self {
                Self { name: Some(name.into()), ..self }
            }
        }
    )*};
}
constraint!(PrimaryKey, Unique, Check, ForeignKey, Exclude);

/// When a constraint is checked (PostgreSQL; foreign keys on SQLite, too).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deferral {
    /// With each statement, always.
    #[default]
    NotDeferrable,
    /// With each statement, unless a transaction asks otherwise.
    InitiallyImmediate,
    /// At the end of the transaction, unless it asks otherwise.
    InitiallyDeferred,
}

macro_rules! deferrable {
    ($($type:ident),*) => {$(
        impl $type {
            /// A transaction may put the check off to its end (`DEFERRABLE INITIALLY IMMEDIATE`).
            pub fn deferrable(self) -> Self {
                Self { deferral: Deferral::InitiallyImmediate, ..self }
            }

            /// Checked at the end of the transaction (`DEFERRABLE INITIALLY DEFERRED`).
            pub fn initially_deferred(self) -> Self {
                Self { deferral: Deferral::InitiallyDeferred, ..self }
            }
        }
    )*};
}
deferrable!(PrimaryKey, Unique, ForeignKey, Exclude);

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct PrimaryKey {
    /// Its name.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// When it is checked.
    pub deferral: Deferral,
    /// The unique index that it takes over (PostgreSQL); the columns are the index's then.
    pub using_index: Option<String>,
}

/// A primary key of several columns: `primary_key(["user_id", "topic"])`.
pub fn primary_key<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> PrimaryKey {
    PrimaryKey { name: None, columns: owned(columns), deferral: Deferral::default(), using_index: None }
}

impl PrimaryKey {
    /// Takes over a unique index that is there, which takes no time (PostgreSQL).
    pub fn using_index(self, index: impl Into<String>) -> Self {
        Self { using_index: Some(index.into()), ..self }
    }
}

/// A unique constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Unique {
    /// Its name.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// Whether two NULLs are alike (PostgreSQL from 15 on).
    pub nulls_not_distinct: bool,
    /// Columns that its index carries along (PostgreSQL).
    pub include: Vec<String>,
    /// When it is checked.
    pub deferral: Deferral,
    /// The unique index that it takes over (PostgreSQL); the columns are the index's then.
    pub using_index: Option<String>,
}

/// A unique constraint: `unique(["tenant_id", "slug"])`.
pub fn unique<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> Unique {
    Unique {
        name: None,
        columns: owned(columns),
        nulls_not_distinct: false,
        include: Vec::new(),
        deferral: Deferral::default(),
        using_index: None,
    }
}

impl Unique {
    /// Two NULLs are alike, so at most one row has NULL (PostgreSQL from 15 on).
    pub fn nulls_not_distinct(self) -> Self {
        Self { nulls_not_distinct: true, ..self }
    }

    /// Columns that its index carries along (PostgreSQL, left out elsewhere).
    pub fn include<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { include: owned(columns), ..self }
    }

    /// Takes over a unique index that is there, which takes no time (PostgreSQL).
    pub fn using_index(self, index: impl Into<String>) -> Self {
        Self { using_index: Some(index.into()), ..self }
    }
}

/// A condition on each row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Check {
    /// Its name.
    pub name: Option<String>,
    /// The condition.
    pub condition: Sql<'static>,
    /// Whether rows that are there are left unchecked for now (PostgreSQL).
    pub not_valid: bool,
    /// Whether child tables do not inherit it (PostgreSQL).
    pub no_inherit: bool,
}

/// A condition on each row: `check("age >= 0")`.
pub fn check(condition: impl Into<Sql<'static>>) -> Check {
    Check { name: None, condition: condition.into(), not_valid: false, no_inherit: false }
}

impl Check {
    /// Holds for new rows at once; those that are there are looked at by
    /// [`validate_constraint`](crate::Context::validate_constraint) (PostgreSQL). Elsewhere it holds for all at once.
    pub fn not_valid(self) -> Self {
        Self { not_valid: true, ..self }
    }

    /// Does not hold for child tables (PostgreSQL).
    pub fn no_inherit(self) -> Self {
        Self { no_inherit: true, ..self }
    }
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct ForeignKey {
    /// Its name.
    pub name: Option<String>,
    /// The columns of this table.
    pub columns: Vec<String>,
    /// What they refer to.
    pub references: References,
    /// When it is checked.
    pub deferral: Deferral,
    /// Whether rows that are there are left unchecked for now (PostgreSQL).
    pub not_valid: bool,
}

/// What a foreign key refers to, and what follows from changes there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct References {
    /// The table.
    pub table: Name,
    /// Its columns; none for its primary key.
    pub columns: Vec<String>,
    /// What happens when the row there is deleted.
    pub on_delete: Option<Action>,
    /// What happens when the key there changes.
    pub on_update: Option<Action>,
    /// Whether a key that is NULL in part is refused (`MATCH FULL`).
    pub match_full: bool,
}

impl References {
    pub(super) fn new(table: Name, columns: Vec<String>) -> Self {
        Self { table, columns, on_delete: None, on_update: None, match_full: false }
    }
}

/// What happens to the referring rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The change is refused, at the end of the transaction if the constraint is deferred.
    NoAction,
    /// The change is refused at once.
    Restrict,
    /// They follow: are deleted, or take the new key.
    Cascade,
    /// Their columns become NULL.
    SetNull,
    /// Their columns take their defaults.
    SetDefault,
}

/// A foreign key: `foreign_key(["user_id"], "users", ["id"]).on_delete(Cascade)`.
pub fn foreign_key<C: Into<String>, R: Into<String>>(
    columns: impl IntoIterator<Item = C>,
    table: impl Into<Name>,
    referenced: impl IntoIterator<Item = R>,
) -> ForeignKey {
    ForeignKey {
        name: None,
        columns: owned(columns),
        references: References::new(table.into(), owned(referenced)),
        deferral: Deferral::default(),
        not_valid: false,
    }
}

impl ForeignKey {
    /// What happens when the row that it refers to is deleted.
    pub fn on_delete(mut self, action: Action) -> Self {
        self.references.on_delete = Some(action);
        self
    }

    /// What happens when the key that it refers to changes.
    pub fn on_update(mut self, action: Action) -> Self {
        self.references.on_update = Some(action);
        self
    }

    /// Refuses a key that is NULL in part (`MATCH FULL`, PostgreSQL; elsewhere an error with several columns).
    pub fn match_full(mut self) -> Self {
        self.references.match_full = true;
        self
    }

    /// Holds for new rows at once; those that are there are looked at by
    /// [`validate_constraint`](crate::Context::validate_constraint) (PostgreSQL). Elsewhere it holds for all at once.
    pub fn not_valid(self) -> Self {
        Self { not_valid: true, ..self }
    }
}

/// An exclusion constraint (PostgreSQL): no two rows for which all the operators hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Exclude {
    /// Its name.
    pub name: Option<String>,
    /// Expressions and operators. A plain name of a column is quoted, everything else stands as it is.
    pub elements: Vec<(ExcludeKey, String)>,
    /// The access method, `gist` by default.
    pub using: String,
    /// Which rows it is about.
    pub predicate: Option<Sql<'static>>,
    /// When it is checked.
    pub deferral: Deferral,
}

/// What an exclusion constraint compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExcludeKey {
    /// A column.
    Column(String),
    /// An expression.
    Expression(String),
}

/// An exclusion constraint (PostgreSQL): `exclude([("room", "="), ("during", "&&")])`.
pub fn exclude<C: Into<String>, O: Into<String>>(elements: impl IntoIterator<Item = (C, O)>) -> Exclude {
    let elements = elements.into_iter();
    Exclude {
        name: None,
        elements: elements.map(|(column, op)| (ExcludeKey::Column(column.into()), op.into())).collect(),
        using: "gist".to_owned(),
        predicate: None,
        deferral: Deferral::default(),
    }
}

impl Exclude {
    /// Compares an expression, too: `.expression("tsrange(starts, ends)", "&&")`.
    pub fn expression(mut self, expression: impl Into<String>, operator: impl Into<String>) -> Self {
        self.elements.push((ExcludeKey::Expression(expression.into()), operator.into()));
        self
    }

    /// The access method of its index.
    pub fn using(self, method: impl Into<String>) -> Self {
        Self { using: method.into(), ..self }
    }

    /// Only rows for which a condition holds.
    pub fn filter(self, predicate: impl Into<Sql<'static>>) -> Self {
        Self { predicate: Some(predicate.into()), ..self }
    }
}

pub(super) fn owned<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Vec<String> {
    names.into_iter().map(Into::into).collect()
}
