//! What a schema holds besides tables and indexes.

use super::name::{Dropped, Name};
use super::sql::Sql;
use super::types::EnumType;

/// A value to be added to an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct EnumValue {
    /// The value.
    pub value: String,
    /// Where it comes in the order; last if absent.
    pub position: Option<EnumPosition>,
    /// Whether it is no error if the type has it already.
    pub if_not_exists: bool,
}

/// Where a value comes in the order of an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnumPosition {
    /// Before another.
    Before(String),
    /// After another.
    After(String),
}

/// A value to be added to an enum type: `cx.add_enum_value("mood", enum_value("fine").after("ok"))`.
pub fn enum_value(value: impl Into<String>) -> EnumValue {
    EnumValue { value: value.into(), position: None, if_not_exists: false }
}

impl EnumValue {
    /// Before another value.
    pub fn before(self, other: impl Into<String>) -> Self {
        Self { position: Some(EnumPosition::Before(other.into())), ..self }
    }

    /// After another value.
    pub fn after(self, other: impl Into<String>) -> Self {
        Self { position: Some(EnumPosition::After(other.into())), ..self }
    }

    /// Not an error if the type has it already.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<&str> for EnumValue {
    fn from(value: &str) -> Self {
        enum_value(value)
    }
}

impl From<EnumType> for Dropped<EnumType> {
    fn from(enum_type: EnumType) -> Self {
        Self::defined(enum_type.name.clone(), enum_type)
    }
}

impl From<&EnumType> for Dropped<EnumType> {
    fn from(enum_type: &EnumType) -> Self {
        enum_type.clone().into()
    }
}

/// New values for an enum type, old ones mapped to them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ReplaceEnum {
    /// The type as it will be.
    pub to: EnumType,
    /// Which old value becomes which new one; a value that is in both stays.
    pub mapping: Vec<(String, String)>,
    /// The columns of this type.
    pub columns: Vec<EnumColumn>,
    /// The values that it had, for the inverse and for the dialects where the type stands in the column.
    pub from: Option<Vec<String>>,
}

/// A column of an enum type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumColumn {
    /// The table.
    pub table: Name,
    /// The column.
    pub column: String,
    /// Whether it holds an array of the type (PostgreSQL).
    pub array: bool,
}

/// New values for an enum type:
/// `replace_enum(enum_type("mood", ["low", "high"])).from(["sad", "ok", "happy"]).map("sad", "low").map("ok", "low").map("happy", "high").column("users", "mood")`.
///
/// Every column of the type has to be named. Its default is kept, mapped like the rows. On PostgreSQL the type is
/// made anew and the columns are converted, which rewrites their tables; on SQLite and MySQL the columns' own
/// lists of values are replaced.
pub fn replace_enum(to: EnumType) -> ReplaceEnum {
    ReplaceEnum { to, mapping: Vec::new(), columns: Vec::new(), from: None }
}

impl ReplaceEnum {
    /// Turns an old value into a new one.
    pub fn map(mut self, old: impl Into<String>, new: impl Into<String>) -> Self {
        self.mapping.push((old.into(), new.into()));
        self
    }

    /// A column of this type.
    pub fn column(mut self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        self.columns.push(EnumColumn { table: table.into(), column: column.into(), array: false });
        self
    }

    /// A column that holds arrays of this type (PostgreSQL).
    pub fn array_column(mut self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        self.columns.push(EnumColumn { table: table.into(), column: column.into(), array: true });
        self
    }

    /// The values that it had.
    pub fn from<V: Into<String>>(self, values: impl IntoIterator<Item = V>) -> Self {
        Self { from: Some(values.into_iter().map(Into::into).collect()), ..self }
    }
}

/// The definition of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct View {
    /// Its name.
    pub name: Name,
    /// The query.
    pub query: Sql<'static>,
    /// The names of its columns; the query's own if empty.
    pub columns: Vec<String>,
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
        materialized: false,
        with_data: true,
        or_replace: false,
        previous: None,
    }
}

impl View {
    /// The names of its columns.
    pub fn columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { columns: super::constraint::owned(columns), ..self }
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
    pub fn replacing(self, previous: impl Into<Sql<'static>>) -> Self {
        Self { or_replace: true, previous: Some(previous.into()), ..self }
    }
}

impl From<View> for Dropped<View> {
    fn from(view: View) -> Self {
        Self::defined(view.name.clone(), view)
    }
}

/// The definition of a function (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its arguments as SQL: `a integer, b integer DEFAULT 0`.
    pub arguments: String,
    /// What it returns as SQL: `integer`, `trigger`, `TABLE (id bigint)`; nothing for a procedure.
    pub returns: Option<String>,
    /// Its language.
    pub language: String,
    /// Its body.
    pub body: String,
    /// What stands between: `IMMUTABLE PARALLEL SAFE`, `SECURITY DEFINER SET search_path = app`.
    pub options: String,
    /// Whether it takes the place of one of this name and these arguments.
    pub or_replace: bool,
    /// The body that it replaces, for the inverse.
    pub previous: Option<String>,
}

/// A function (PostgreSQL): `function("touch", "").returns("trigger").language("plpgsql").body("BEGIN … END")`.
///
/// Without a language it is plain SQL; without `returns` a procedure.
pub fn function(name: impl Into<Name>, arguments: impl Into<String>) -> Function {
    Function {
        name: name.into(),
        arguments: arguments.into(),
        returns: None,
        language: "sql".to_owned(),
        body: String::new(),
        options: String::new(),
        or_replace: false,
        previous: None,
    }
}

impl Function {
    /// What it returns.
    pub fn returns(self, type_: impl Into<String>) -> Self {
        Self { returns: Some(type_.into()), ..self }
    }

    /// Its language.
    pub fn language(self, language: impl Into<String>) -> Self {
        Self { language: language.into(), ..self }
    }

    /// Its body, without quotes around it.
    pub fn body(self, body: impl Into<String>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// What stands between: `IMMUTABLE PARALLEL SAFE`.
    pub fn options(self, options: impl Into<String>) -> Self {
        Self { options: options.into(), ..self }
    }

    /// Takes the place of one of this name and these arguments; its inverse needs [`replacing`](Self::replacing).
    pub fn or_replace(self) -> Self {
        Self { or_replace: true, ..self }
    }

    /// Takes the place of one with this body, which the inverse brings back.
    pub fn replacing(self, body: impl Into<String>) -> Self {
        Self { or_replace: true, previous: Some(body.into()), ..self }
    }
}

impl From<Function> for Dropped<Function> {
    fn from(function: Function) -> Self {
        Self::defined(function.name.clone(), function)
    }
}

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
        self.event(TriggerEvent::Update(super::constraint::owned(columns)))
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

/// The definition of a sequence (PostgreSQL, MariaDB).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Sequence {
    /// Its name.
    pub name: Name,
    /// The type of its values: `SmallInt`, `Integer`, `BigInt` (PostgreSQL).
    pub type_: Option<super::ColumnType>,
    /// The first value.
    pub start: Option<i64>,
    /// The step.
    pub increment: Option<i64>,
    /// The smallest value.
    pub min: Option<i64>,
    /// The largest value.
    pub max: Option<i64>,
    /// How many values a session takes at once.
    pub cache: Option<i64>,
    /// Whether it begins again after its last value.
    pub cycle: bool,
    /// The column with which it is dropped (PostgreSQL).
    pub owned_by: Option<(Name, String)>,
    /// Whether it is no error if there is one of this name.
    pub if_not_exists: bool,
}

/// A sequence (PostgreSQL, MariaDB): `sequence("invoice_number").start(1000)`.
pub fn sequence(name: impl Into<Name>) -> Sequence {
    Sequence {
        name: name.into(),
        type_: None,
        start: None,
        increment: None,
        min: None,
        max: None,
        cache: None,
        cycle: false,
        owned_by: None,
        if_not_exists: false,
    }
}

impl Sequence {
    /// The type of its values.
    pub fn type_(self, type_: impl Into<super::ColumnType>) -> Self {
        Self { type_: Some(type_.into()), ..self }
    }

    /// The first value.
    pub fn start(self, start: i64) -> Self {
        Self { start: Some(start), ..self }
    }

    /// The step.
    pub fn increment(self, increment: i64) -> Self {
        Self { increment: Some(increment), ..self }
    }

    /// The smallest value.
    pub fn min(self, min: i64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// The largest value.
    pub fn max(self, max: i64) -> Self {
        Self { max: Some(max), ..self }
    }

    /// How many values a session takes at once.
    pub fn cache(self, cache: i64) -> Self {
        Self { cache: Some(cache), ..self }
    }

    /// Begins again after its last value.
    pub fn cycle(self) -> Self {
        Self { cycle: true, ..self }
    }

    /// Dropped together with a column (PostgreSQL).
    pub fn owned_by(self, table: impl Into<Name>, column: impl Into<String>) -> Self {
        Self { owned_by: Some((table.into(), column.into())), ..self }
    }

    /// Not an error if there is one of this name.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<Sequence> for Dropped<Sequence> {
    fn from(sequence: Sequence) -> Self {
        Self::defined(sequence.name.clone(), sequence)
    }
}

/// An extension of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// The schema of its objects.
    pub schema: Option<String>,
    /// Its version; the newest if absent.
    pub version: Option<String>,
    /// Whether extensions that it needs are created, too.
    pub cascade: bool,
    /// Whether it is no error if it is there.
    pub if_not_exists: bool,
}

/// An extension of PostgreSQL: `extension("pg_trgm").if_not_exists()`.
pub fn extension(name: impl Into<String>) -> Extension {
    Extension { name: name.into(), schema: None, version: None, cascade: false, if_not_exists: false }
}

impl Extension {
    /// The schema of its objects.
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), ..self }
    }

    /// Its version.
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: Some(version.into()), ..self }
    }

    /// Extensions that it needs, too.
    pub fn cascade(self) -> Self {
        Self { cascade: true, ..self }
    }

    /// Not an error if it is there. Its inverse leaves it: who knows who brought it.
    pub fn if_not_exists(self) -> Self {
        Self { if_not_exists: true, ..self }
    }
}

impl From<&str> for Extension {
    fn from(name: &str) -> Self {
        extension(name)
    }
}

impl From<Extension> for Dropped<Extension> {
    fn from(extension: Extension) -> Self {
        Self::defined(extension.name.clone(), extension)
    }
}

/// What a comment is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommentTarget {
    /// A table.
    Table(Name),
    /// A column.
    Column(Name, String),
    /// A view.
    View(Name),
    /// A materialised view.
    MaterializedView(Name),
    /// An index.
    Index(Name),
    /// A constraint of a table.
    Constraint(Name, String),
    /// A type.
    Type(Name),
    /// A sequence.
    Sequence(Name),
    /// A schema.
    Schema(String),
    /// An extension.
    Extension(String),
    /// A function, with the types of its arguments.
    Function(Name, String),
    /// A trigger of a table.
    Trigger(Name, String),
}

/// A comment to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Comment {
    /// The text; `None` takes the comment away.
    pub text: Option<String>,
    /// What it was, for the inverse; `Some(None)` if there was none.
    pub was: Option<Option<String>>,
}

/// A comment, with what it was: `cx.comment_on_table("users", comment("People").was("Persons"))`.
pub fn comment(text: impl Into<String>) -> Comment {
    Comment { text: Some(text.into()), was: Some(None) }
}

/// No comment any more: `cx.comment_on_table("users", no_comment())`.
pub fn no_comment() -> Comment {
    Comment { text: None, was: None }
}

impl Comment {
    /// What the comment was.
    pub fn was(self, text: impl Into<String>) -> Self {
        Self { was: Some(Some(text.into())), ..self }
    }
}

impl From<&str> for Comment {
    fn from(text: &str) -> Self {
        comment(text)
    }
}

impl From<String> for Comment {
    fn from(text: String) -> Self {
        comment(text)
    }
}

/// What is built anew by [`reindex`](crate::Context::reindex) (PostgreSQL, SQLite).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReindexTarget {
    /// One index.
    Index(Name),
    /// All indexes of a table.
    Table(Name),
}
