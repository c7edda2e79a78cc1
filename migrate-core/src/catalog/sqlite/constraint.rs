use std::collections::BTreeSet;

use super::column::conflict;
use super::read::{quoted, text};
use crate::catalog::{
    Action, CatalogError, Check, Constraint, Deferrable, ForeignKey, Match, ObjectName, PrimaryKey, Table,
    Unique,
};
use crate::sqlite::{
    self, ActionEvent, ColumnRule, CreateTable, Deferral, Name, References, TableRule, meaningful, same,
    unqualified,
};

/// Reads the constraints of a table out of its definition.
pub(super) fn constraints(
    definition: &CreateTable,
    tables: &BTreeSet<&str>,
    table: &mut Table,
) -> Result<(), CatalogError> {
    let reader = Reader { definition, tables };
    for column in definition.columns() {
        reader.of_column(column, table)?;
    }
    for constraint in definition.constraints() {
        reader.of_table(constraint, table)?;
    }
    sort(&mut table.uniques);
    sort(&mut table.checks);
    sort(&mut table.foreign_keys);
    Ok(())
}

fn sort<R>(constraints: &mut [Constraint<R>]) {
    constraints.sort_by(|a, b| (&a.name, &a.definition).cmp(&(&b.name, &b.definition)));
}

struct Reader<'d> {
    definition: &'d CreateTable,
    tables: &'d BTreeSet<&'d str>,
}

impl Reader<'_> {
    fn of_column(&self, column: &sqlite::Column, table: &mut Table) -> Result<(), CatalogError> {
        let own = [column.name.value.clone()];
        let key = quoted(&own)?;
        for constraint in &column.constraints {
            let whole = self.definition.slice(&constraint.span);
            let name = value(constraint.name.as_ref());
            let way = conflict(whole).map(|way| format!(" ON CONFLICT {way}")).unwrap_or_default();
            match &constraint.rule {
                ColumnRule::PrimaryKey { descending, autoincrement } => {
                    let order = if *descending { " DESC" } else { "" };
                    let counts = if *autoincrement { " AUTOINCREMENT" } else { "" };
                    let text = format!("PRIMARY KEY ({key}{order}{counts}){way}");
                    let rule = PrimaryKey { columns: own.to_vec(), include: Vec::new() };
                    table.primary_key = Some(Constraint::new(name, rule, text));
                }
                ColumnRule::Unique => {
                    table.uniques.push(unique(name, own.to_vec(), format!("UNIQUE ({key}){way}")));
                }
                ColumnRule::Check { expression } => {
                    table.checks.push(self.check(name, expression)?);
                }
                ColumnRule::References(target) => {
                    let tail = behind(whole, "REFERENCES");
                    let text = text("foreign key", &format!("FOREIGN KEY ({key}) {tail}"))?;
                    table.foreign_keys.push(self.foreign_key(name, own.to_vec(), target, text));
                }
                ColumnRule::Deferral(deferral) => {
                    if let Some(key) = table.foreign_keys.last_mut().filter(|key| key.rule.columns == own) {
                        key.deferrable = deferrable(Some(*deferral));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn of_table(&self, constraint: &sqlite::TableConstraint, table: &mut Table) -> Result<(), CatalogError> {
        let whole = self.definition.slice(&constraint.span);
        let name = value(constraint.name.as_ref());
        let written = |keyword| text("constraint", behind(whole, keyword));
        match &constraint.rule {
            TableRule::PrimaryKey { columns, .. } => {
                let rule = PrimaryKey { columns: self.columns(columns), include: Vec::new() };
                table.primary_key = Some(Constraint::new(name, rule, written("PRIMARY")?));
            }
            TableRule::Unique { columns } => {
                table.uniques.push(unique(name, self.columns(columns), written("UNIQUE")?));
            }
            TableRule::Check { expression } => table.checks.push(self.check(name, expression)?),
            TableRule::ForeignKey { columns, target } => {
                let key = self.foreign_key(name, self.columns(columns), target, written("FOREIGN")?);
                table.foreign_keys.push(key);
            }
            TableRule::Nothing => {}
        }
        Ok(())
    }

    /// Columns by the names that their definitions give them.
    fn columns(&self, names: &[Name]) -> Vec<String> {
        let own = |name: &Name| {
            let own = self.definition.column(&name.value);
            own.map_or_else(|| name.value.clone(), |own| own.name.value.clone())
        };
        names.iter().map(own).collect()
    }

    /// A check, without the table's own name before its columns.
    fn check(
        &self,
        name: Option<String>,
        expression: &std::ops::Range<usize>,
    ) -> Result<Constraint<Check>, CatalogError> {
        let written = self.definition.slice(expression);
        let own = &self.definition.name().value;
        let answer = |_| CatalogError::Answer { what: "check", text: written.to_owned() };
        let expression = text("check", &unqualified(written, own).map_err(answer)?)?;
        let definition = format!("CHECK ({expression})");
        Ok(Constraint::new(name, Check { expression, no_inherit: false }, definition))
    }

    fn foreign_key(
        &self,
        name: Option<String>,
        columns: Vec<String>,
        target: &References,
        definition: String,
    ) -> Constraint<ForeignKey> {
        let written = target.table.value.as_str();
        let table = self.tables.iter().find(|table| same(table, written)).copied().unwrap_or(written);
        let rule = ForeignKey {
            columns,
            table: ObjectName::bare(table),
            referenced: target.columns.iter().map(|name| name.value.clone()).collect(),
            on_delete: action(target, ActionEvent::Delete),
            on_delete_columns: Vec::new(),
            on_update: action(target, ActionEvent::Update),
            // SQLite reads the word and treats every key alike.
            match_: Match::Simple,
        };
        Constraint { deferrable: deferrable(target.deferral), ..Constraint::new(name, rule, definition) }
    }
}

fn value(name: Option<&Name>) -> Option<String> {
    name.map(|name| name.value.clone())
}

/// A constraint from its first keyword on, without its name.
fn behind<'s>(constraint: &'s str, keyword: &str) -> &'s str {
    let tokens = meaningful(constraint).unwrap_or_default();
    let named = usize::from(tokens.first().is_some_and(|first| first.is_word("CONSTRAINT"))) * 2;
    let start = tokens.iter().skip(named).find(|token| token.is_word(keyword)).map_or(0, |token| token.start);
    &constraint[start..]
}

fn unique(name: Option<String>, columns: Vec<String>, definition: String) -> Constraint<Unique> {
    let rule = Unique { columns, include: Vec::new(), nulls_not_distinct: false };
    Constraint::new(name, rule, definition)
}

fn action(target: &References, wanted: ActionEvent) -> Action {
    let last = target.actions.iter().rev().find(|(event, _)| *event == wanted);
    match last.map(|(_, action)| *action) {
        None | Some(sqlite::Action::NoAction) => Action::NoAction,
        Some(sqlite::Action::Restrict) => Action::Restrict,
        Some(sqlite::Action::Cascade) => Action::Cascade,
        Some(sqlite::Action::SetNull) => Action::SetNull,
        Some(sqlite::Action::SetDefault) => Action::SetDefault,
    }
}

fn deferrable(deferral: Option<Deferral>) -> Deferrable {
    match deferral {
        Some(Deferral::Deferred) => Deferrable::InitiallyDeferred,
        // `DEFERRABLE` alone changes nothing: `PRAGMA defer_foreign_keys` defers every key.
        Some(Deferral::Immediate) | None => Deferrable::No,
    }
}
