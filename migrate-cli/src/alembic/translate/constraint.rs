//! Constraints: those of `create_table`, those that stand with a column, and those of `op.create_…`.

use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::rust::{list, name, text};
use super::sql::sql;
use super::{NotPlain, Plain};

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForeignKey {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    /// The table that it refers to, as Rust.
    pub(super) table: String,
    pub(super) referenced: Vec<String>,
    on_delete: Option<&'static str>,
    on_update: Option<&'static str>,
    deferral: &'static str,
    match_full: bool,
    /// Whether `create_table` leaves it out on servers that can add it later.
    pub(super) use_alter: bool,
}

impl ForeignKey {
    /// Whether `column(…).references(…)` can say all of it.
    pub(super) fn is_short(&self) -> bool {
        self.name.is_none() && self.columns.len() == 1 && self.deferral.is_empty() && !self.match_full
    }

    /// `.references(…)`, for a column.
    pub(super) fn of_column(&self) -> String {
        let referenced = self.referenced.first().map_or("", String::as_str);
        format!(".references({}, {}){}", self.table, text(referenced), self.actions())
    }

    /// `foreign_key(…)`
    pub(super) fn rust(&self) -> String {
        let mut rust =
            format!("foreign_key({}, {}, {})", list(&self.columns), self.table, list(&self.referenced));
        if let Some(name) = &self.name {
            let _ = write!(rust, ".named({})", text(name));
        }
        rust.push_str(&self.actions());
        if self.match_full {
            rust.push_str(".match_full()");
        }
        rust + self.deferral
    }

    fn actions(&self) -> String {
        let delete = self.on_delete.map(|action| format!(".on_delete({action})"));
        let update = self.on_update.map(|action| format!(".on_update({action})"));
        delete.unwrap_or_default() + &update.unwrap_or_default()
    }

    /// Takes the arguments that every way to declare one has.
    fn options(mut self, arguments: &mut Arguments<'_>) -> Plain<Self> {
        self.on_delete = action(arguments.optional_text(None, "ondelete")?)?;
        self.on_update = action(arguments.optional_text(None, "onupdate")?)?;
        self.deferral = deferral(arguments)?;
        self.match_full =
            match arguments.optional_text(None, "match")?.map(|word| word.to_uppercase()).as_deref() {
                None | Some("SIMPLE") => false,
                Some("FULL") => true,
                Some(other) => return Err(NotPlain::new(format_args!("MATCH {other}"))),
            };
        self.use_alter = arguments.flag("use_alter")? == Some(true);
        arguments.ignore(&["link_to_name", "info", "comment"]);
        Ok(self)
    }

    fn to(columns: Vec<String>, table: String, referenced: Vec<String>) -> Self {
        Self {
            name: None,
            columns,
            table,
            referenced,
            on_delete: None,
            on_update: None,
            deferral: "",
            match_full: false,
            use_alter: false,
        }
    }
}

/// `ForeignKey("users.id", …)` with a column.
pub(super) fn of_column(column: &str, call: &Call) -> Plain<ForeignKey> {
    let mut arguments = Arguments::of(call);
    let (table, referenced) = target(&arguments.text(0, "column")?)?;
    let key = ForeignKey::to(vec![column.to_owned()], table, vec![referenced]);
    let name = arguments.optional_text(None, "name")?;
    let key = ForeignKey { name, ..key.options(&mut arguments)? };
    arguments.finish()?;
    Ok(key)
}

/// `ForeignKeyConstraint(["user_id"], ["users.id"], …)` of a table.
pub(super) fn of_table(call: &Call) -> Plain<ForeignKey> {
    let mut arguments = Arguments::of(call);
    let columns = arguments.texts(0, "columns")?;
    let mut table = None;
    let mut referenced = Vec::new();
    for place in arguments.texts(1, "refcolumns")? {
        let (of, column) = target(&place)?;
        if table.as_ref().is_some_and(|table| *table != of) {
            return Err(NotPlain::new("a foreign key to two tables"));
        }
        table = Some(of);
        referenced.push(column);
    }
    let table = table.ok_or_else(|| NotPlain::new("a foreign key to nothing"))?;
    let name = arguments.optional_text(2, "name")?;
    let key = ForeignKey { name, ..ForeignKey::to(columns, table, referenced).options(&mut arguments)? };
    arguments.finish()?;
    Ok(key)
}

/// `op.create_foreign_key(name, source, referent, local_cols, remote_cols, …)`: the table, and the key.
pub(super) fn create_foreign_key(call: &Call, batch: Option<&str>) -> Plain<(String, String)> {
    let mut arguments = Arguments::of(call);
    let given = arguments.optional_text(0, "constraint_name")?;
    // In a batch there is no source among the arguments.
    let next = usize::from(batch.is_none());
    let source = if let Some(table) = batch {
        table.to_owned()
    } else {
        let table = arguments.text(1, "source_table")?;
        name(arguments.optional_text(None, "source_schema")?.as_deref(), &table)
    };
    let referent = arguments.text(1 + next, "referent_table")?;
    let schema = arguments.optional_text(None, "referent_schema")?;
    let columns = arguments.texts(2 + next, "local_cols")?;
    let referenced = arguments.texts(3 + next, "remote_cols")?;
    let key = ForeignKey::to(columns, name(schema.as_deref(), &referent), referenced);
    let key = ForeignKey { name: given, ..key.options(&mut arguments)? };
    arguments.finish()?;
    Ok((source, key.rust()))
}

/// A primary key or a unique constraint of a table: its name, its columns, and the rest of its Rust.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) name: Option<String>,
    pub(super) columns: Vec<String>,
    rest: String,
}

impl Key {
    /// The same key, of these columns.
    pub(super) fn of(&self, columns: &[String]) -> Self {
        Self { name: self.name.clone(), columns: columns.to_vec(), rest: self.rest.clone() }
    }

    /// Whether it is nothing but columns.
    pub(super) fn is_short(&self) -> bool {
        self.name.is_none() && self.rest.is_empty()
    }

    pub(super) fn rust(&self, function: &str) -> String {
        let named = self.name.as_ref().map(|name| format!(".named({})", text(name)));
        format!("{function}({}){}{}", list(&self.columns), named.unwrap_or_default(), self.rest)
    }
}

/// `PrimaryKeyConstraint("id", …)` and `UniqueConstraint("slug", …)` of a table.
pub(super) fn key_of_table(call: &Call) -> Plain<Key> {
    let mut arguments = Arguments::of(call);
    let name = arguments.optional_text(None, "name")?;
    let rest = key_options(&mut arguments)?;
    let mut columns = Vec::new();
    for column in arguments.rest(0) {
        match column {
            Expr::Str(column) => columns.push(column.clone()),
            other => return Err(NotPlain::new(format_args!("{other} as a column of a key"))),
        }
    }
    arguments.finish()?;
    Ok(Key { name, columns, rest })
}

/// `op.create_primary_key(name, table, columns)` and `op.create_unique_constraint(…)`: the table, and the key.
pub(super) fn create_key(call: &Call, batch: Option<&str>, function: &str) -> Plain<(String, String)> {
    let mut arguments = Arguments::of(call);
    let given = arguments.optional_text(0, "constraint_name")?;
    let table = table(&mut arguments, batch)?;
    let columns = arguments.texts(1 + usize::from(batch.is_none()), "columns")?;
    let rest = key_options(&mut arguments)?;
    arguments.finish()?;
    Ok((table, Key { name: given, columns, rest }.rust(function)))
}

fn key_options(arguments: &mut Arguments<'_>) -> Plain<String> {
    let mut rest = deferral(arguments)?.to_owned();
    if arguments.flag("postgresql_nulls_not_distinct")? == Some(true) {
        rest.push_str(".nulls_not_distinct()");
    }
    if let Some(included) = arguments.keyword("postgresql_include") {
        let columns = included.texts().ok_or_else(|| arguments.unexpected("postgresql_include", included))?;
        // Autogenerate writes an empty one.
        if !columns.is_empty() {
            let _ = write!(rest, ".include({})", list(&columns));
        }
    }
    arguments.ignore(&["info", "comment", "sqlite_on_conflict"]);
    Ok(rest)
}

/// A condition on each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: Option<String>,
    pub(super) condition: String,
}

impl Check {
    /// `check(…)`
    pub(super) fn rust(&self) -> String {
        let named = self.name.as_ref().map(|name| format!(".named({})", text(name)));
        format!("check({}){}", text(&self.condition), named.unwrap_or_default())
    }

    /// The only one of these columns that the condition mentions.
    ///
    /// PostgreSQL calls an unnamed check after it.
    pub(super) fn only_column<'c>(&self, columns: impl Iterator<Item = &'c str>) -> Option<&'c str> {
        // Every second part is within quotes.
        let outside: Vec<_> = self.condition.split('\'').step_by(2).collect();
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let words: Vec<_> =
            outside.iter().flat_map(|text| text.split(|character| !is_word(character))).collect();
        let mut mentioned =
            columns.filter(|column| words.iter().any(|word| word.eq_ignore_ascii_case(column)));
        mentioned.next().filter(|_| mentioned.next().is_none())
    }
}

/// `CheckConstraint("age >= 0", name="…")`, of a table or a column.
pub(super) fn check(call: &Call) -> Plain<Check> {
    let mut arguments = Arguments::of(call);
    let condition = arguments.take(0, "sqltext").ok_or_else(|| NotPlain::new("a check of nothing"))?;
    let name = arguments.optional_text(1, "name")?;
    arguments.ignore(&["info", "comment"]);
    arguments.finish()?;
    Ok(Check { name, condition: sql(condition)?.trim().to_owned() })
}

/// `op.create_check_constraint(name, table, condition)`: the table, and the check.
pub(super) fn create_check(call: &Call, batch: Option<&str>) -> Plain<(String, String)> {
    let mut arguments = Arguments::of(call);
    let given = arguments.optional_text(0, "constraint_name")?;
    let table = table(&mut arguments, batch)?;
    let condition = arguments
        .take(1 + usize::from(batch.is_none()), "condition")
        .ok_or_else(|| NotPlain::new("a check of nothing"))?;
    let not_valid = arguments.flag("postgresql_not_valid")? == Some(true);
    arguments.finish()?;
    if given.is_none() {
        return Err(NotPlain::new("a check whose name the server makes of the columns in it"));
    }
    let check = Check { name: given, condition: sql(condition)?.trim().to_owned() }.rust();
    Ok((table, if not_valid { check + ".not_valid()" } else { check }))
}

/// `postgresql.ExcludeConstraint(("room", "="), ("during", "&&"), using="gist", …)`
pub(super) fn exclude(call: &Call) -> Plain<String> {
    let mut arguments = Arguments::of(call);
    let name = arguments.optional_text(None, "name")?;
    exclusion(arguments, name, 0)
}

/// `op.create_exclude_constraint(name, table, ("room", "="), …)`: the table, and the constraint.
pub(super) fn create_exclude(call: &Call, batch: Option<&str>) -> Plain<(String, String)> {
    let mut arguments = Arguments::of(call);
    let name = arguments.optional_text(0, "constraint_name")?;
    let table = table(&mut arguments, batch)?;
    Ok((table, exclusion(arguments, name, 1 + usize::from(batch.is_none()))?))
}

/// The rest of an exclusion constraint, whose elements begin at a position.
fn exclusion(mut arguments: Arguments<'_>, name: Option<String>, first: usize) -> Plain<String> {
    let using = arguments.optional_text(None, "using")?;
    let filter = arguments.keyword("where").map(sql).transpose()?;
    let deferral = deferral(&mut arguments)?;
    let mut elements = Vec::new();
    for element in arguments.rest(first) {
        match element.texts().as_deref() {
            Some([column, operator]) => elements.push(format!("({}, {})", text(column), text(operator))),
            _ => return Err(NotPlain::new("an expression in an exclusion constraint")),
        }
    }
    arguments.finish()?;
    let mut rust = format!("exclude([{}])", elements.join(", "));
    for (method, value) in [("named", name), ("using", using), ("filter", filter)] {
        if let Some(value) = value {
            let _ = write!(rust, ".{method}({})", text(&value));
        }
    }
    Ok(rust + deferral)
}

/// The table that a constraint is made for: the batch's, or the second argument.
fn table(arguments: &mut Arguments<'_>, batch: Option<&str>) -> Plain<String> {
    if let Some(table) = batch {
        return Ok(table.to_owned());
    }
    let table = arguments.text(1, "table_name")?;
    Ok(name(arguments.optional_text(None, "schema")?.as_deref(), &table))
}

/// `users.id` or `app.users.id`: the table as Rust, and the column.
fn target(place: &str) -> Plain<(String, String)> {
    match place.split('.').collect::<Vec<_>>().as_slice() {
        [table, column] => Ok((text(table), (*column).to_owned())),
        [schema, table, column] => Ok((name(Some(schema), table), (*column).to_owned())),
        _ => Err(NotPlain::new(format_args!("a foreign key to {place:?}"))),
    }
}

fn action(words: Option<String>) -> Plain<Option<&'static str>> {
    let Some(words) = words else { return Ok(None) };
    Ok(Some(match words.to_uppercase().as_str() {
        "CASCADE" => "Cascade",
        "SET NULL" => "SetNull",
        "SET DEFAULT" => "SetDefault",
        "RESTRICT" => "Restrict",
        "NO ACTION" => "NoAction",
        _ => return Err(NotPlain::new(format_args!("the action {words:?} of a foreign key"))),
    }))
}

fn deferral(arguments: &mut Arguments<'_>) -> Plain<&'static str> {
    let deferrable = arguments.flag("deferrable")?;
    let initially = arguments.optional_text(None, "initially")?.map(|word| word.to_uppercase());
    match (deferrable, initially.as_deref()) {
        (None | Some(false), None) => Ok(""),
        (Some(true), None | Some("IMMEDIATE")) => Ok(".deferrable()"),
        // PostgreSQL takes a deferred constraint for a deferrable one.
        (None | Some(true), Some("DEFERRED")) => Ok(".initially_deferred()"),
        _ => Err(NotPlain::new("a constraint that is checked at no time of ours")),
    }
}
