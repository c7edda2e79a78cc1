//! A call as it would stand in the script if the script had named everything.

use super::super::super::python::{Call, Expr};
use super::super::Plain;
use super::super::callee::{Callee, callee, is_sqlalchemy};
use super::super::change::BareTable;
use super::pattern::{Naming, Part, Subject, truncated};

/// A call with every name written out.
#[derive(Debug)]
pub(in crate::alembic::translate) struct Settled {
    /// The call, and those for what a column of it says about itself: `unique=True`.
    pub(in crate::alembic::translate) calls: Vec<Call>,
    /// How many constraints were left without a name.
    pub(in crate::alembic::translate) unnamed: usize,
}

impl Naming {
    /// Writes the names into a call of `op` or of a batch of `table`.
    pub(in crate::alembic::translate) fn settle(
        &self,
        call: &Call,
        batch: Option<&BareTable>,
    ) -> Plain<Settled> {
        let operation = match callee(&call.function) {
            Some(Callee::Operation(name) | Callee::Batch(name)) => name,
            _ => String::new(),
        };
        let mut namer = Namer { naming: self, unnamed: 0 };
        let mut calls = vec![call.clone()];
        match operation.as_str() {
            "create_table" => namer.create_table(&mut calls[0])?,
            "add_column" => {
                let further = namer.add_column(&mut calls[0], batch)?;
                calls.extend(further);
            }
            "create_foreign_key" => namer.create_foreign_key(&mut calls[0], batch)?,
            "create_unique_constraint" => namer.create_key(&mut calls[0], batch, "uq")?,
            "create_primary_key" => namer.create_key(&mut calls[0], batch, "pk")?,
            "create_check_constraint" => namer.create_key(&mut calls[0], batch, "ck")?,
            "drop_constraint" => namer.drop_constraint(&mut calls[0], batch)?,
            _ => {}
        }
        for call in &mut calls {
            finished(call);
        }
        Ok(Settled { calls, unnamed: namer.unnamed })
    }
}

/// Puts the text in the place of each `op.f(…)`.
fn finished(call: &mut Call) {
    for value in call.arguments.iter_mut().chain(call.keywords.iter_mut().map(|(_, value)| value)) {
        match value {
            Expr::Final(name) => *value = Expr::Str(truncated(name)),
            Expr::Call(inner) => finished(inner),
            Expr::List(items) => {
                for item in items {
                    if let Expr::Final(name) = item {
                        *item = Expr::Str(truncated(name));
                    }
                }
            }
            _ => {}
        }
    }
}

struct Namer<'n> {
    naming: &'n Naming,
    unnamed: usize,
}

impl Namer<'_> {
    /// The name of a thing, if the convention makes another one than is given.
    fn name(&mut self, kind: &str, given: Option<&Expr>, subject: Subject<'_>) -> Plain<Option<Expr>> {
        let given = match given {
            None | Some(Expr::None) => None,
            Some(Expr::Str(name)) => Some(name),
            // A final name, or one that is not understood.
            Some(_) => return Ok(None),
        };
        let Some(pattern) = self.naming.patterns.get(kind) else {
            self.unnamed += usize::from(given.is_none() && kind != "ix");
            return Ok(None);
        };
        let takes_given = pattern.contains(&Part::Given);
        if given.is_some() && !takes_given {
            return Ok(None);
        }
        let mut name = String::new();
        for part in pattern {
            name.push_str(&part.of(given.map(String::as_str), subject)?);
        }
        Ok(Some(Expr::Final(name)))
    }

    fn create_table(&mut self, call: &mut Call) -> Plain<()> {
        let Some(Expr::Str(table)) = call.arguments.first().cloned() else { return Ok(()) };
        let schema = text_of(keyword(call, "schema"));
        let of_table = Subject { table: &table, schema: schema.as_deref(), columns: &[], referred: None };
        let mut key = Vec::new();
        let mut has_key = false;
        let mut further = Vec::new();
        for part in call.arguments.iter_mut().skip(1) {
            let is_column = is_sqlalchemy(part, "Column");
            let Expr::Call(part) = part else { continue };
            if is_column {
                let name = text_of(part.arguments.first()).unwrap_or_default();
                if keyword(part, "primary_key") == Some(&Expr::Bool(true)) {
                    key.push(name.clone());
                }
                further.extend(self.column(part, Subject { columns: &[name], ..of_table })?);
                continue;
            }
            if let Some(Callee::Sqlalchemy(class)) = callee(&part.function) {
                has_key |= class == "PrimaryKeyConstraint";
                self.constraint(part, &class, of_table, &key)?;
            }
        }
        if !key.is_empty()
            && !has_key
            && let Some(name) = self.name("pk", None, Subject { columns: &key, ..of_table })?
        {
            let columns = key.into_iter().map(Expr::Str).collect();
            further.push(made("PrimaryKeyConstraint", columns, vec![("name".to_owned(), name)]));
        }
        call.arguments.extend(further);
        Ok(())
    }

    /// Names what stands with a column; what it says about itself that needs a name becomes a part of the table.
    fn column(&mut self, column: &mut Call, subject: Subject<'_>) -> Plain<Vec<Expr>> {
        for attached in column.arguments.iter_mut().skip(1) {
            let Expr::Call(attached) = attached else { continue };
            let Some(Callee::Sqlalchemy(class)) = callee(&attached.function) else { continue };
            if matches!(class.as_str(), "ForeignKey" | "CheckConstraint") {
                self.constraint(attached, &class, subject, &[])?;
            }
        }
        let is_set = |column: &Call, word| keyword(column, word) == Some(&Expr::Bool(true));
        let (unique, index) = (is_set(column, "unique"), is_set(column, "index"));
        let columns = || subject.columns.iter().cloned().map(Expr::Str);
        if index {
            let Some(name) = self.name("ix", None, subject)? else { return Ok(Vec::new()) };
            column.keywords.retain(|(word, _)| word != "unique" && word != "index");
            let arguments = std::iter::once(name).chain(columns()).collect();
            return Ok(vec![made("Index", arguments, vec![("unique".to_owned(), Expr::Bool(unique))])]);
        }
        if unique {
            let Some(name) = self.name("uq", None, subject)? else { return Ok(Vec::new()) };
            column.keywords.retain(|(word, _)| word != "unique");
            return Ok(vec![made("UniqueConstraint", columns().collect(), vec![("name".to_owned(), name)])]);
        }
        Ok(Vec::new())
    }

    /// Names a constraint that stands in a table or with a column.
    fn constraint(
        &mut self,
        part: &mut Call,
        class: &str,
        subject: Subject<'_>,
        key: &[String],
    ) -> Plain<()> {
        let texts = |of: &[Expr]| of.iter().filter_map(|value| text_of(Some(value))).collect::<Vec<_>>();
        let given = keyword(part, "name").cloned();
        let name = match class {
            "PrimaryKeyConstraint" => {
                let columns = texts(&part.arguments);
                let columns = if columns.is_empty() { key.to_vec() } else { columns };
                self.name("pk", given.as_ref(), Subject { columns: &columns, ..subject })?
            }
            "UniqueConstraint" => {
                let columns = texts(&part.arguments);
                self.name("uq", given.as_ref(), Subject { columns: &columns, ..subject })?
            }
            "CheckConstraint" => {
                let given = given.or_else(|| part.arguments.get(1).cloned());
                let name = self.name("ck", given.as_ref(), subject)?;
                part.arguments.truncate(if name.is_some() { 1 } else { 2 });
                name
            }
            "ForeignKey" => {
                let place = text_of(part.arguments.first()).unwrap_or_default();
                self.foreign_key(given.as_ref(), &[place], subject)?
            }
            "ForeignKeyConstraint" => {
                let list = |at: usize, word| part.arguments.get(at).or(keyword(part, word));
                let columns = list(0, "columns").and_then(Expr::texts).unwrap_or_default();
                let places = list(1, "refcolumns").and_then(Expr::texts).unwrap_or_default();
                let given = given.as_ref().or(part.arguments.get(2));
                let name = self.foreign_key(given, &places, Subject { columns: &columns, ..subject })?;
                if name.is_some() {
                    part.arguments.truncate(2);
                }
                name
            }
            _ => None,
        };
        if let Some(name) = name {
            set(part, "name", name);
        }
        Ok(())
    }

    fn foreign_key(
        &mut self,
        given: Option<&Expr>,
        places: &[String],
        subject: Subject<'_>,
    ) -> Plain<Option<Expr>> {
        let split: Vec<_> = places.iter().filter_map(|place| place.rsplit_once('.')).collect();
        let table = split.first().map_or("", |(table, _)| table.rsplit('.').next().unwrap_or(table));
        let referred: Vec<_> = split.iter().map(|(_, column)| (*column).to_owned()).collect();
        self.name("fk", given, Subject { referred: Some((table, &referred)), ..subject })
    }

    /// `add_column`: the further calls that its column asks for.
    fn add_column(&mut self, call: &mut Call, batch: Option<&BareTable>) -> Plain<Vec<Call>> {
        let Some(bare) = table_of(call, batch, 0) else { return Ok(Vec::new()) };
        let place = usize::from(batch.is_none());
        let function = call.function.clone();
        let Some(Expr::Call(column)) = call.arguments.get_mut(place) else { return Ok(Vec::new()) };
        let name = text_of(column.arguments.first()).unwrap_or_default();
        let subject =
            Subject { table: &bare.table, schema: bare.schema.as_deref(), columns: &[name], referred: None };
        let further = self.column(column, subject)?;
        let calls = further.into_iter().filter_map(|part| {
            let Expr::Call(part) = part else { return None };
            let Expr::Attribute(object, _) = &function else { return None };
            let is_index = callee(&part.function) == Some(Callee::Sqlalchemy("Index".to_owned()));
            let method = if is_index { "create_index" } else { "create_unique_constraint" };
            let name = if is_index { part.arguments.first() } else { keyword(&part, "name") }.cloned()?;
            let columns = part.arguments.iter().skip(usize::from(is_index)).cloned().collect();
            let table = batch.is_none().then(|| Expr::Str(bare.table.clone()));
            let mut keywords: Vec<_> =
                part.keywords.iter().filter(|(word, _)| word == "unique").cloned().collect();
            if let (None, Some(schema)) = (batch, &bare.schema) {
                keywords.push(("schema".to_owned(), Expr::Str(schema.clone())));
            }
            Some(Call {
                function: Expr::Attribute(object.clone(), method.to_owned()),
                arguments: std::iter::once(name).chain(table).chain([Expr::List(columns)]).collect(),
                keywords,
            })
        });
        Ok(calls.collect())
    }

    fn create_foreign_key(&mut self, call: &mut Call, batch: Option<&BareTable>) -> Plain<()> {
        let next = usize::from(batch.is_none());
        let words = ["referent_table", "local_cols", "remote_cols"];
        let found = words.iter().enumerate().map(|(at, word)| {
            call.arguments.get(1 + next + at).or_else(|| keyword(call, word)).and_then(Expr::texts)
        });
        let Some(found) = found.collect::<Option<Vec<_>>>() else { return Ok(()) };
        let bare = match batch {
            Some(bare) => Some(bare.clone()),
            None => text_of(call.arguments.get(1).or(keyword(call, "source_table")))
                .map(|table| BareTable { table, schema: text_of(keyword(call, "source_schema")) }),
        };
        let ([referent, columns, referred], Some(bare)) = (found.as_slice(), bare) else { return Ok(()) };
        let subject = Subject {
            table: &bare.table,
            schema: bare.schema.as_deref(),
            columns,
            referred: Some((referent.first().map_or("", String::as_str), referred)),
        };
        self.rename(call, "fk", subject)
    }

    fn create_key(&mut self, call: &mut Call, batch: Option<&BareTable>, kind: &str) -> Plain<()> {
        let Some(bare) = table_of(call, batch, 1) else { return Ok(()) };
        let columns = call.arguments.get(1 + usize::from(batch.is_none())).or(keyword(call, "columns"));
        let columns = columns.filter(|_| kind != "ck").and_then(Expr::texts).unwrap_or_default();
        let subject =
            Subject { table: &bare.table, schema: bare.schema.as_deref(), columns: &columns, referred: None };
        self.rename(call, kind, subject)
    }

    /// Alembic makes the constraint of a kind that it is told anew, and its name with it.
    fn drop_constraint(&mut self, call: &mut Call, batch: Option<&BareTable>) -> Plain<()> {
        let Some(bare) = table_of(call, batch, 1) else { return Ok(()) };
        let type_ = call.arguments.get(1 + usize::from(batch.is_none())).or(keyword(call, "type_"));
        let kind = match text_of(type_).as_deref() {
            Some("foreignkey") => "fk",
            Some("primary") => "pk",
            Some("unique") => "uq",
            Some("check") => "ck",
            _ => return Ok(()),
        };
        let given = call.arguments.first().or(keyword(call, "constraint_name"));
        if !matches!(given, Some(Expr::Str(_))) {
            return Ok(());
        }
        let subject =
            Subject { table: &bare.table, schema: bare.schema.as_deref(), columns: &[], referred: None };
        self.rename(call, kind, subject)
    }

    /// Puts the name into the first argument.
    fn rename(&mut self, call: &mut Call, kind: &str, subject: Subject<'_>) -> Plain<()> {
        let given = call.arguments.first().or(keyword(call, "constraint_name")).cloned();
        if let Some(name) = self.name(kind, given.as_ref(), subject)? {
            match call.arguments.first_mut() {
                Some(first) => *first = name,
                None => set(call, "constraint_name", name),
            }
        }
        Ok(())
    }
}

/// The table of a batch, or of an argument at a place.
fn table_of(call: &Call, batch: Option<&BareTable>, at: usize) -> Option<BareTable> {
    match batch {
        Some(bare) => Some(bare.clone()),
        None => Some(BareTable {
            table: text_of(call.arguments.get(at).or(keyword(call, "table_name")))?,
            schema: text_of(keyword(call, "schema")),
        }),
    }
}

fn keyword<'c>(call: &'c Call, name: &str) -> Option<&'c Expr> {
    call.keywords.iter().find(|(given, _)| given == name).map(|(_, value)| value)
}

fn set(call: &mut Call, name: &str, value: Expr) {
    call.keywords.retain(|(given, _)| given != name);
    call.keywords.push((name.to_owned(), value));
}

fn text_of(value: Option<&Expr>) -> Option<String> {
    match value {
        Some(Expr::Str(text) | Expr::Final(text)) => Some(text.clone()),
        _ => None,
    }
}

/// A call of a class of `SQLAlchemy`.
fn made(class: &str, arguments: Vec<Expr>, keywords: Vec<(String, Expr)>) -> Expr {
    let function = Expr::Attribute(Box::new(Expr::Name("sqlalchemy".to_owned())), class.to_owned());
    Expr::Call(Box::new(Call { function, arguments, keywords }))
}
