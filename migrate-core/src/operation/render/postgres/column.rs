//! Columns as they stand in `CREATE TABLE` and `ADD COLUMN`.

use std::fmt::Write as _;

use super::types::is_serial;
use super::writer::{Outcome, Writer};
use crate::operation::naming::ConstraintNames;
use crate::operation::{Column, Identity};

impl Writer<'_> {
    pub(super) fn column(&self, column: &Column, names: &mut ConstraintNames<'_>) -> Outcome<String> {
        self.check_column(column)?;
        let mut sql = format!("{} {}", self.name(&column.name)?, self.type_(&column.type_)?);
        if let Some(collation) = &column.collation {
            let _ = write!(sql, " COLLATE {}", self.name(collation)?);
        }
        if let Some(default) = &column.default {
            let _ = write!(sql, " DEFAULT {}", self.default(Some(&column.type_), default)?);
        }
        if let Some(identity) = &column.identity {
            let _ = write!(sql, " {}", generated_as(identity));
        }
        if let Some(generated) = &column.generated {
            let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
            let _ = write!(sql, " GENERATED ALWAYS AS {} {kind}", self.expression(&generated.expression)?);
        }
        if !column.nullable && !column.primary_key {
            sql.push_str(" NOT NULL");
        }
        self.column_constraints(column, names, &mut sql)?;
        Ok(sql)
    }

    fn column_constraints(
        &self,
        column: &Column,
        names: &mut ConstraintNames<'_>,
        sql: &mut String,
    ) -> Outcome<()> {
        let mut constraint = |label: &str, what: &str| -> Outcome<()> {
            let name = self.name(&names.column(&column.name, label))?;
            let _ = write!(sql, " CONSTRAINT {name} {what}");
            Ok(())
        };
        if column.primary_key {
            constraint("pkey", "PRIMARY KEY")?;
        }
        if column.unique {
            constraint("key", "UNIQUE")?;
        }
        for check in &column.checks {
            constraint("check", &format!("CHECK {}", self.expression(check)?))?;
        }
        if let Some(references) = &column.references {
            constraint("fkey", &self.references(references)?)?;
        }
        Ok(())
    }

    fn check_column(&self, column: &Column) -> Outcome<()> {
        let serial = is_serial(&column.type_);
        let sources = [
            (serial, "the sequence of its type"),
            (column.default.is_some(), "a default"),
            (column.identity.is_some(), "an identity"),
            (column.generated.is_some(), "an expression that it is computed from"),
        ];
        let given: Vec<_> = sources.into_iter().filter_map(|(given, what)| given.then_some(what)).collect();
        if let [first, second, ..] = given[..] {
            let name = &column.name;
            return Err(
                self.malformed(format!("the values of column {name} come from {first} and from {second}"))
            );
        }
        if column.references.as_ref().is_some_and(|references| references.table.name.is_empty()) {
            let name = &column.name;
            return Err(
                self.malformed(format!("column {name} has an action without a table that it refers to"))
            );
        }
        Ok(())
    }
}

/// `GENERATED … AS IDENTITY (…)`.
pub(super) fn generated_as(identity: &Identity) -> String {
    let kind = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let options = [
        identity.start.map(|start| format!("START WITH {start}")),
        identity.increment.map(|increment| format!("INCREMENT BY {increment}")),
    ];
    let options: Vec<_> = options.into_iter().flatten().collect();
    let options = if options.is_empty() { String::new() } else { format!(" ({})", options.join(" ")) };
    format!("GENERATED {kind} AS IDENTITY{options}")
}
