use std::fmt::Write as _;

use super::writer::{Outcome, Writer};
use crate::operation::constraint::{Deferral, PrimaryKey, References, Unique};
use crate::operation::{Action, Check, Constraint, Exclude, ExcludeKey, ForeignKey};

impl Writer<'_> {
    /// A constraint under a name. Of a new table nothing is left for later: there are no rows to look at.
    pub(super) fn constraint(&self, constraint: &Constraint, name: &str, new_table: bool) -> Outcome<String> {
        let what = match constraint {
            Constraint::PrimaryKey(key) => self.primary_key(key, new_table)?,
            Constraint::Unique(unique) => self.unique(unique, new_table)?,
            Constraint::Check(check) => self.check(check, new_table)?,
            Constraint::ForeignKey(key) => self.foreign_key(key, new_table)?,
            Constraint::Exclude(exclude) => self.exclude(exclude)?,
        };
        Ok(format!("CONSTRAINT {} {what}", self.name(name)?))
    }

    fn primary_key(&self, key: &PrimaryKey, new_table: bool) -> Outcome<String> {
        let what = match &key.using_index {
            Some(index) => self.using_index(index, &key.columns, new_table)?,
            None => self.some_names(&key.columns)?,
        };
        Ok(format!("PRIMARY KEY {what}{}", deferral(key.deferral)))
    }

    fn unique(&self, unique: &Unique, new_table: bool) -> Outcome<String> {
        let mut sql = "UNIQUE ".to_owned();
        if let Some(index) = &unique.using_index {
            if unique.nulls_not_distinct || !unique.include.is_empty() {
                return Err(self.malformed("what an index has is said where it is created"));
            }
            sql.push_str(&self.using_index(index, &unique.columns, new_table)?);
        } else {
            if unique.nulls_not_distinct {
                sql.push_str("NULLS NOT DISTINCT ");
            }
            sql.push_str(&self.some_names(&unique.columns)?);
            if !unique.include.is_empty() {
                let _ = write!(sql, " INCLUDE {}", self.names(&unique.include)?);
            }
        }
        Ok(sql + deferral(unique.deferral))
    }

    fn using_index(&self, index: &str, columns: &[String], new_table: bool) -> Outcome<String> {
        if new_table {
            return Err(self.malformed("a new table has no index to take over"));
        }
        if !columns.is_empty() {
            return Err(self.malformed("the columns of an index that is taken over are its own"));
        }
        Ok(format!("USING INDEX {}", self.name(index)?))
    }

    fn check(&self, check: &Check, new_table: bool) -> Outcome<String> {
        let no_inherit = if check.no_inherit { " NO INHERIT" } else { "" };
        let not_valid = if check.not_valid && !new_table { " NOT VALID" } else { "" };
        Ok(format!("CHECK {}{no_inherit}{not_valid}", self.expression(&check.condition)?))
    }

    fn foreign_key(&self, key: &ForeignKey, new_table: bool) -> Outcome<String> {
        let (from, to) = (key.columns.len(), key.references.columns.len());
        if to > 0 && from != to {
            return Err(self.malformed(format!("{from} columns refer to {to}")));
        }
        let not_valid = if key.not_valid && !new_table { " NOT VALID" } else { "" };
        let columns = self.some_names(&key.columns)?;
        let references = self.references(&key.references)?;
        Ok(format!("FOREIGN KEY {columns} {references}{}{not_valid}", deferral(key.deferral)))
    }

    /// `REFERENCES …` with its actions.
    pub(super) fn references(&self, references: &References) -> Outcome<String> {
        if references.table.name.is_empty() {
            return Err(self.malformed("a foreign key refers to no table"));
        }
        let mut sql = format!("REFERENCES {}", self.qualified(&references.table)?);
        if !references.columns.is_empty() {
            let _ = write!(sql, " {}", self.names(&references.columns)?);
        }
        if references.match_full {
            sql.push_str(" MATCH FULL");
        }
        if let Some(on_delete) = references.on_delete {
            let _ = write!(sql, " ON DELETE {}", action(on_delete));
        }
        if let Some(on_update) = references.on_update {
            let _ = write!(sql, " ON UPDATE {}", action(on_update));
        }
        Ok(sql)
    }

    fn exclude(&self, exclude: &Exclude) -> Outcome<String> {
        if exclude.elements.is_empty() {
            return Err(self.malformed("it compares nothing"));
        }
        let elements = exclude.elements.iter().map(|(key, operator)| {
            let key = match key {
                ExcludeKey::Column(column) => self.name(column)?,
                ExcludeKey::Expression(expression) => super::writer::parenthesized(expression),
            };
            Ok(format!("{key} WITH {operator}"))
        });
        let elements = elements.collect::<Outcome<Vec<_>>>()?.join(", ");
        let mut sql = format!("EXCLUDE USING {} ({elements})", self.name(&exclude.using)?);
        if let Some(predicate) = &exclude.predicate {
            let _ = write!(sql, " WHERE {}", self.expression(predicate)?);
        }
        Ok(sql + deferral(exclude.deferral))
    }

    /// Names in parentheses, at least one.
    fn some_names(&self, names: &[String]) -> Outcome<String> {
        if names.is_empty() {
            return Err(self.malformed("it has no columns"));
        }
        self.names(names)
    }
}

fn deferral(deferral: Deferral) -> &'static str {
    match deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " DEFERRABLE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn action(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}
