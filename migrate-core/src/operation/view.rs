//! Views.

use super::constraint::owned;
use super::name::{Dropped, Name};
use super::sql::Sql;

/// The definition of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct View {
    /// Its name.
    pub name: Name,
    /// The query.
    pub query: Sql<'static>,
    /// The names of its columns; the query's own if empty.
    pub columns: Vec<String>,
    /// What stands in `WITH (…)` (PostgreSQL).
    pub options: Vec<(String, String)>,
    /// Whether the rows are stored, to be refreshed (PostgreSQL).
    pub materialized: bool,
    /// Whether a materialised view is filled when it is created.
    pub with_data: bool,
    /// Whether it takes the place of one of this name.
    pub or_replace: bool,
    /// The query that it replaces, for the inverse.
    pub previous: Option<Sql<'static>>,
}

/// A view: `view("active_users", "SELECT * FROM users WHERE status = 'active'")`.
pub fn view(name: impl Into<Name>, query: impl Into<Sql<'static>>) -> View {
    View {
        name: name.into(),
        query: query.into(),
        columns: Vec::new(),
        options: Vec::new(),
        materialized: false,
        with_data: true,
        or_replace: false,
        previous: None,
    }
}

impl View {
    /// The names of its columns.
    pub fn columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { columns: owned(columns), ..self }
    }

    /// Sets one of the options in `WITH (…)`: `.option("security_invoker", "true")`, of a materialised view a storage
    /// parameter (PostgreSQL).
    ///
    /// A view that takes the place of another one has the options that are said here, and no others.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Stores the rows (PostgreSQL).
    pub fn materialized(self) -> Self {
        Self { materialized: true, ..self }
    }

    /// Leaves a materialised view empty until it is refreshed.
    pub fn with_no_data(self) -> Self {
        Self { with_data: false, ..self }
    }

    /// Takes the place of a view of this name, if there is one; its inverse needs [`replacing`](Self::replacing).
    pub fn or_replace(self) -> Self {
        Self { or_replace: true, ..self }
    }

    /// Takes the place of a view with this query, which the inverse brings back.
    ///
    /// PostgreSQL takes only a query that has the columns of the view and perhaps more behind them. So one with more
    /// columns has no way back by its inverse, which the server refuses: drop the view and create it, both by their
    /// definitions.
    pub fn replacing(self, previous: impl Into<Sql<'static>>) -> Self {
        Self { or_replace: true, previous: Some(previous.into()), ..self }
    }
}

impl From<View> for Dropped<View> {
    fn from(view: View) -> Self {
        Self::defined(view.name.clone(), view)
    }
}
