//! `op.create_table`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::super::python::{Call, Expr};
use super::arguments::Arguments;
use super::callee::{Callee, callee};
use super::column::{Column, Role, column};
use super::constraint::{self, Check, ForeignKey, Key};
use super::enums::EnumType;
use super::index;
use super::rust::{list, name, text};
use super::step::Step;
use super::{NotPlain, Plain};

/// What stands among the arguments of `create_table`.
#[derive(Clone, Default)]
struct Parts {
    columns: Vec<Column>,
    /// The columns that refer to other tables.
    referring: BTreeSet<String>,
    key: Option<Key>,
    foreign_keys: Vec<ForeignKey>,
    checks: Vec<Check>,
    /// The others, as Rust.
    constraints: Vec<String>,
    indexes: Vec<String>,
}

/// The steps that make the table: enum types that are not `known` yet, and the table.
pub(super) fn steps(call: &Call, known: &mut BTreeSet<String>) -> Plain<Vec<Step>> {
    let mut arguments = Arguments::of(call);
    let table = arguments.text(0, "table_name")?;
    let schema = arguments.optional_text(None, "schema")?;
    let comment = arguments.optional_text(None, "comment")?;
    let if_not_exists = arguments.flag("if_not_exists")? == Some(true);
    if let Some(prefixes) = arguments.keyword("prefixes") {
        return Err(arguments.unexpected("prefixes", prefixes));
    }
    arguments.ignore(&["extend_existing", "info", "keep_existing", "sqlite_autoincrement"]);
    let mut parts = Parts::default();
    for part in arguments.rest(1) {
        parts.add(part)?;
    }
    parts.settle_checks();
    arguments.finish()?;
    if if_not_exists && parts.columns.iter().any(|column| column.index) {
        return Err(NotPlain::new("an index of a column of a table that may be there"));
    }
    let created: Vec<_> = parts.columns.iter().filter_map(|column| column.type_.creates.clone()).collect();
    let mut steps: Vec<Step> = created
        .into_iter()
        .filter(|created: &EnumType| known.insert(created.name.clone()))
        .map(|created| Step::statement(format!("cx.create_enum({})", created.rust())))
        .collect();
    let made = |parts: &Parts| -> Plain<Step> {
        let mut rust = format!("cx.create_table(\n    table({})\n", name(schema.as_deref(), &table));
        for line in parts.lines(&table, schema.as_deref())? {
            let _ = writeln!(rust, "        {line}");
        }
        if let Some(comment) = &comment {
            let _ = writeln!(rust, "        .comment({})", text(comment));
        }
        if if_not_exists {
            rust.push_str("        .if_not_exists()\n");
        }
        Ok(Step::statement(rust.trim_end().to_owned() + ",\n)"))
    };
    let whole = made(&parts)?;
    steps.push(match parts.without_altered() {
        None => whole,
        // SQLAlchemy leaves such a key to a statement of its own, which Alembic never runs.
        Some(parts) => Step::branch("cx.dialect() == Dialect::Sqlite", vec![whole], vec![made(&parts)?]),
    });
    Ok(steps)
}

impl Parts {
    fn add(&mut self, part: &Expr) -> Plain<()> {
        let unknown = || NotPlain::new(format_args!("{part} in `create_table`"));
        let Expr::Call(call) = part else { return Err(unknown()) };
        match callee(&call.function).ok_or_else(unknown)? {
            Callee::Sqlalchemy(name) => match name.as_str() {
                "Column" => {
                    let column = column(part)?;
                    if !column.references.is_empty() {
                        self.referring.insert(column.name.clone());
                    }
                    self.columns.push(column);
                }
                "PrimaryKeyConstraint" => {
                    let key = constraint::key_of_table(call)?;
                    // Without columns it only names the key that the columns make.
                    self.key = Some(key);
                }
                "UniqueConstraint" => self.constraints.push(constraint::key_of_table(call)?.rust("unique")),
                "CheckConstraint" => self.checks.push(constraint::check(call)?),
                "ForeignKeyConstraint" => {
                    let key = constraint::of_table(call)?;
                    self.referring.extend(key.columns.iter().cloned());
                    self.foreign_keys.push(key);
                }
                "Index" => self.indexes.push(index::of_table(call)?),
                _ => return Err(unknown()),
            },
            Callee::Postgres(name) if name == "ExcludeConstraint" => {
                self.constraints.push(constraint::exclude(call)?);
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }

    /// The parts without foreign keys with `use_alter`; `None` if there is none.
    fn without_altered(&self) -> Option<Self> {
        let is_altered = |key: &ForeignKey| key.use_alter;
        let of_columns = self.columns.iter().flat_map(|column| &column.references);
        if !self.foreign_keys.iter().chain(of_columns).any(is_altered) {
            return None;
        }
        let mut parts = self.clone();
        parts.foreign_keys.retain(|key| !is_altered(key));
        for column in &mut parts.columns {
            column.references.retain(|key| !is_altered(key));
        }
        Some(parts)
    }

    /// Puts an unnamed check to the column that the server calls it after.
    fn settle_checks(&mut self) {
        for check in std::mem::take(&mut self.checks) {
            let only = check.only_column(self.columns.iter().map(|column| column.name.as_str()));
            let only = only.filter(|_| check.name.is_none()).map(str::to_owned);
            match self.columns.iter_mut().find(|column| Some(&column.name) == only.as_ref()) {
                Some(column) => column.checks.push(check),
                None => self.checks.push(check),
            }
        }
    }

    /// The calls of the builder, one a line.
    fn lines(&self, table: &str, schema: Option<&str>) -> Plain<Vec<String>> {
        let marked: Vec<_> = self
            .columns
            .iter()
            .filter(|column| column.primary_key)
            .map(|column| column.name.clone())
            .collect();
        let named = self.key.as_ref().filter(|key| !key.columns.is_empty());
        let key_columns = named.map_or(marked.as_slice(), |key| key.columns.as_slice());
        for column in key_columns {
            if !self.columns.iter().any(|known| known.name == *column) {
                return Err(NotPlain::new(format_args!("a primary key of {column:?}, which is no column")));
            }
        }
        let alone = key_columns.len() == 1;
        let is_short = self.key.as_ref().is_none_or(Key::is_short);
        let mut lines = Vec::new();
        for column in &self.columns {
            let is_key = key_columns.contains(&column.name);
            let refers = self.referring.contains(&column.name);
            let role = if is_key && column.numbers_itself(alone, refers) {
                Role::Numbered { alone: alone && is_short }
            } else if is_key && alone && is_short {
                Role::Key
            } else {
                Role::Plain
            };
            lines.push(format!(".column({})", column.rust(role)));
        }
        match &self.key {
            Some(key) if !key.is_short() => {
                lines.push(format!(".constraint({})", key.of(key_columns).rust("primary_key")));
            }
            _ if key_columns.len() > 1 => lines.push(format!(".primary_key({})", list(key_columns))),
            _ => {}
        }
        let keys = self.foreign_keys.iter().map(ForeignKey::rust);
        let of_columns = self.columns.iter().flat_map(Column::constraints);
        let checks = self.checks.iter().map(Check::rust);
        let constraints = of_columns.chain(keys).chain(checks).chain(self.constraints.iter().cloned());
        lines.extend(constraints.map(|constraint| format!(".constraint({constraint})")));
        lines.extend(self.indexes.iter().map(|index| format!(".with_index({index})")));
        for column in self.columns.iter().filter(|column| column.index) {
            let name = text(&index::name_of_column(table, schema, &column.name));
            let keys = list(std::slice::from_ref(&column.name));
            lines.push(if column.unique {
                format!(".with_index(index({name}).keys({keys}).unique())")
            } else {
                format!(".index({name}, {keys})")
            });
        }
        Ok(lines)
    }
}
