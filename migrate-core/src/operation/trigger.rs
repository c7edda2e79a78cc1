//! Triggers.

use super::constraint::owned;
use super::name::{Dropped, Name};
use super::sql::Sql;

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// Before the row changes.
    Before,
    /// After it changed.
    After,
    /// Instead of the change, for views.
    InsteadOf,
}

/// What a trigger fires for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerEvent {
    /// A new row.
    Insert,
    /// A changed row; only if one of these columns is set, unless there are none.
    Update(Vec<String>),
    /// A deleted row.
    Delete,
    /// An emptied table (PostgreSQL).
    Truncate,
}

/// The definition of a trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// Its table; empty until [`on`](Self::on).
    pub table: Name,
    /// When it fires.
    pub timing: Timing,
    /// What it fires for. Several on PostgreSQL only.
    pub events: Vec<TriggerEvent>,
    /// Whether it fires for each row, or once for a statement (PostgreSQL).
    pub for_each_row: bool,
    /// The condition under which it fires.
    pub when: Option<Sql<'static>>,
    /// What it does: the call of a function on PostgreSQL (`touch()`), statements elsewhere.
    pub action: Sql<'static>,
    /// Whether it takes the place of one of this name.
    pub or_replace: bool,
    /// The definition that it replaces, for the inverse.
    pub previous: Option<Box<Self>>,
}

/// A trigger: `trigger("users_touch").before().update().on("users").execute("touch()")`.
///
/// What it does is written per dialect where it has to run on several:
/// `.execute(per_dialect().postgres("touch()").sqlite("UPDATE …; "))`.
pub fn trigger(name: impl Into<String>) -> Trigger {
    Trigger {
        name: name.into(),
        table: "".into(),
        timing: Timing::After,
        events: Vec::new(),
        for_each_row: true,
        when: None,
        action: Sql::default(),
        or_replace: false,
        previous: None,
    }
}

impl Trigger {
    /// Fires before the row changes.
    pub fn before(self) -> Self {
        Self { timing: Timing::Before, ..self }
    }

    /// Fires after the row changed: the default.
    pub fn after(self) -> Self {
        Self { timing: Timing::After, ..self }
    }

    /// Fires instead of the change, for views.
    pub fn instead_of(self) -> Self {
        Self { timing: Timing::InsteadOf, ..self }
    }

    /// Fires for new rows.
    pub fn insert(self) -> Self {
        self.event(TriggerEvent::Insert)
    }

    /// Fires for changed rows.
    pub fn update(self) -> Self {
        self.event(TriggerEvent::Update(Vec::new()))
    }

    /// Fires for rows of which one of these columns is set.
    pub fn update_of<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        self.event(TriggerEvent::Update(owned(columns)))
    }

    /// Fires for deleted rows.
    pub fn delete(self) -> Self {
        self.event(TriggerEvent::Delete)
    }

    /// Fires when the table is emptied (PostgreSQL).
    pub fn truncate(self) -> Self {
        self.event(TriggerEvent::Truncate)
    }

    fn event(mut self, event: TriggerEvent) -> Self {
        self.events.push(event);
        self
    }

    /// Its table or view.
    pub fn on(self, table: impl Into<Name>) -> Self {
        Self { table: table.into(), ..self }
    }

    /// Fires once for a statement (PostgreSQL).
    pub fn for_each_statement(self) -> Self {
        Self { for_each_row: false, ..self }
    }

    /// Fires only under a condition.
    pub fn when(self, condition: impl Into<Sql<'static>>) -> Self {
        Self { when: Some(condition.into()), ..self }
    }

    /// What it does: the call of a function on PostgreSQL, statements elsewhere.
    pub fn execute(self, action: impl Into<Sql<'static>>) -> Self {
        Self { action: action.into(), ..self }
    }

    /// Takes the place of one of this name; its inverse needs [`replacing`](Self::replacing).
    pub fn or_replace(self) -> Self {
        Self { or_replace: true, ..self }
    }

    /// Takes the place of another definition, which the inverse brings back.
    pub fn replacing(self, previous: Self) -> Self {
        Self { or_replace: true, previous: Some(Box::new(previous)), ..self }
    }
}

impl From<Trigger> for Dropped<Trigger> {
    fn from(trigger: Trigger) -> Self {
        Self::defined(trigger.name.clone(), trigger)
    }
}
