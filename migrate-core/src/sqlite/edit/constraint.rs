use std::ops::Range;

use super::splice::replace;
use super::{ConstraintRef, EditError};
use crate::sqlite::create_table::{ColumnRule, CreateTable, Name, References, TableRule};
use crate::sqlite::name::{quote, same};
use crate::sqlite::normal::{normal, unqualified};

/// A constraint of a column or of the table.
struct Found<'t> {
    name: Option<&'t Name>,
    span: &'t Range<usize>,
    /// Whether it is an item of the list and not a part of a column's definition.
    is_item: bool,
}

impl CreateTable {
    pub(super) fn with_constraint(&self, definition: &str) -> Result<String, EditError> {
        let (definition, constraint) = Self::definition_of_constraint(definition)?;
        if let Some(name) =
            constraint.name.filter(|name| self.constraints_named(&name.value).next().is_some())
        {
            let table = self.name.value.clone();
            return Err(EditError::ConstraintExists { table, name: name.value });
        }
        let last_column = self.columns.last().map(|column| &column.span);
        let last = self.constraints.last().map(|constraint| &constraint.span).or(last_column);
        Ok(self.insert_behind(last.unwrap_or(&(0..0)), definition))
    }

    pub(super) fn without_constraint(&self, which: &ConstraintRef) -> Result<String, EditError> {
        let found = match which {
            ConstraintRef::Named(name) => vec![self.only_constraint(name)?],
            _ => self.by_structure(which)?,
        };
        if found.is_empty() {
            return Err(self.no_constraint(description(which)));
        }
        // One after the other from the end, so that the places of those before stay.
        let mut table = self.clone();
        let mut spans: Vec<_> = found.iter().map(|found| (found.span.clone(), found.is_item)).collect();
        spans.sort_by_key(|(span, _)| span.start);
        for (span, is_item) in spans.into_iter().rev() {
            table.text =
                if is_item { table.remove_item(&span) } else { table.without_spans(std::iter::once(span)) };
        }
        Ok(table.text)
    }

    pub(super) fn with_constraint_renamed(&self, name: &str, to: &str) -> Result<String, EditError> {
        let found = self.only_constraint(name)?;
        if !same(name, to) && self.constraints_named(to).next().is_some() {
            let table = self.name.value.clone();
            return Err(EditError::ConstraintExists { table, name: to.to_owned() });
        }
        let span = found.name.map_or(0..0, |name| name.span.clone());
        Ok(replace(&self.text, span, &quote(to)))
    }

    pub(super) fn no_constraint(&self, constraint: String) -> EditError {
        EditError::NoConstraint { table: self.name.value.clone(), constraint }
    }

    pub(super) fn constraints_named<'t>(&'t self, name: &str) -> impl Iterator<Item = &'t Range<usize>> {
        self.named(name).into_iter().map(|found| found.span)
    }

    fn named(&self, name: &str) -> Vec<Found<'_>> {
        self.found(&|_, _| true, &|_| true)
            .into_iter()
            .filter(|found| found.name.is_some_and(|own| same(&own.value, name)))
            .collect()
    }

    fn only_constraint(&self, name: &str) -> Result<Found<'_>, EditError> {
        let mut found = self.named(name);
        match found.len() {
            0 => Err(self.no_constraint(description(&ConstraintRef::Named(name.to_owned())))),
            1 => Ok(found.remove(0)),
            count => Err(EditError::AmbiguousConstraint {
                table: self.name.value.clone(),
                name: name.to_owned(),
                count,
            }),
        }
    }

    /// The constraints of a structure: those without a name, or those with one when all have.
    fn by_structure(&self, which: &ConstraintRef) -> Result<Vec<Found<'_>>, EditError> {
        let found = match which {
            ConstraintRef::Named(name) => self.named(name),
            ConstraintRef::PrimaryKey => self
                .found(&|_, rule| matches!(rule, ColumnRule::PrimaryKey { .. }), &|rule| {
                    matches!(rule, TableRule::PrimaryKey { .. })
                }),
            ConstraintRef::Unique(columns) => self.found(
                &|name, rule| *rule == ColumnRule::Unique && is_only(columns, name),
                &|rule| matches!(rule, TableRule::Unique { columns: own } if is_key(columns, own)),
            ),
            ConstraintRef::Check(expression) => {
                let table = &self.name.value;
                let comparable = |text: &str| unqualified(text, table).and_then(|text| normal(&text));
                let wanted = comparable(expression).map_err(|source| EditError::Definition {
                    text: expression.clone(),
                    source: source.into(),
                })?;
                let is = |span: &Range<usize>| comparable(self.slice(span)).is_ok_and(|own| own == wanted);
                self.found(
                    &|_, rule| matches!(rule, ColumnRule::Check { expression } if is(expression)),
                    &|rule| matches!(rule, TableRule::Check { expression } if is(expression)),
                )
            }
            ConstraintRef::ForeignKey { columns, table } => {
                let is_target = |target: &References| same(&target.table.value, table);
                self.found(
                    &|name, rule| {
                        let ColumnRule::References(target) = rule else { return false };
                        is_only(columns, name) && is_target(target)
                    },
                    &|rule| {
                        let TableRule::ForeignKey { columns: own, target } = rule else { return false };
                        is_key(columns, own) && is_target(target)
                    },
                )
            }
        };
        let (mut unnamed, named): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|found| found.name.is_none());
        if unnamed.is_empty() {
            unnamed = named;
        }
        Ok(unnamed)
    }

    fn found(
        &self,
        of_column: &dyn Fn(&Name, &ColumnRule) -> bool,
        of_table: &dyn Fn(&TableRule) -> bool,
    ) -> Vec<Found<'_>> {
        let in_columns = self.columns.iter().flat_map(|column| {
            column.constraints.iter().filter(|constraint| of_column(&column.name, &constraint.rule)).map(
                |constraint| Found { name: constraint.name.as_ref(), span: &constraint.span, is_item: false },
            )
        });
        let behind =
            self.constraints.iter().filter(|constraint| of_table(&constraint.rule)).map(|constraint| Found {
                name: constraint.name.as_ref(),
                span: &constraint.span,
                is_item: true,
            });
        in_columns.chain(behind).collect()
    }
}

fn is_only(columns: &[String], name: &Name) -> bool {
    matches!(columns, [only] if same(only, &name.value))
}

fn is_key(columns: &[String], key: &[Name]) -> bool {
    columns.len() == key.len() && columns.iter().zip(key).all(|(column, own)| same(column, &own.value))
}

fn description(which: &ConstraintRef) -> String {
    match which {
        ConstraintRef::Named(name) => format!("constraint {name}"),
        ConstraintRef::PrimaryKey => "primary key".to_owned(),
        ConstraintRef::Unique(columns) => format!("unique constraint on {}", columns.join(", ")),
        ConstraintRef::Check(expression) => format!("check ({expression})"),
        ConstraintRef::ForeignKey { columns, table } => {
            format!("foreign key from {} to {table}", columns.join(", "))
        }
    }
}
