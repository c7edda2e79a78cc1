use super::super::contradiction;
use super::{Fault, QUOTE, enclosed};
use crate::operation::naming::ConstraintNames;
use crate::operation::{Action, Check, Column, Constraint, Deferral, ForeignKey, References, Unique};

/// The constraints that stand with a column, but for the primary key, as constraints of its table.
pub(super) fn of_column(column: &Column, names: &mut ConstraintNames<'_>) -> Vec<(String, Constraint)> {
    let own = || vec![column.name.clone()];
    let mut constraints = Vec::new();
    if column.unique {
        let unique: Unique = crate::operation::unique(own());
        constraints.push((names.column(&column.name, "key"), unique.into()));
    }
    for condition in &column.checks {
        let check: Check = crate::operation::check(condition.clone());
        constraints.push((names.column(&column.name, "check"), check.into()));
    }
    if let Some(references) = &column.references {
        let key = ForeignKey {
            name: None,
            columns: own(),
            references: references.clone(),
            deferral: Deferral::NotDeferrable,
            not_valid: false,
        };
        constraints.push((names.column(&column.name, "fkey"), key.into()));
    }
    constraints
}

/// A constraint with its name. That of a primary key is always `PRIMARY`.
pub(super) fn definition(constraint: &Constraint, name: &str) -> Result<String, Fault> {
    contradiction::of_constraint(constraint)?;
    let rule = match constraint {
        Constraint::PrimaryKey(key) => {
            own_index(key.using_index.as_ref(), key.deferral)?;
            return Ok(format!("PRIMARY KEY {}", QUOTE.list(&key.columns)?));
        }
        Constraint::Unique(unique) => {
            own_index(unique.using_index.as_ref(), unique.deferral)?;
            if unique.nulls_not_distinct {
                return Err(NULLS_ARE_DISTINCT);
            }
            format!("UNIQUE {}", QUOTE.list(&unique.columns)?)
        }
        Constraint::Check(check) => format!("CHECK {}", enclosed(&check.condition)?),
        Constraint::ForeignKey(key) => {
            at_once(key.deferral)?;
            let target = references(&key.references, key.columns.len())?;
            format!("FOREIGN KEY {} {target}", QUOTE.list(&key.columns)?)
        }
        Constraint::Exclude(_) => return Err(Fault::Unsupported("it has no exclusion constraints")),
    };
    Ok(format!("CONSTRAINT {} {rule}", QUOTE.name(name)?))
}

pub(super) const NULLS_ARE_DISTINCT: Fault = Fault::Unsupported("two NULLs are always distinct there");

fn own_index(using_index: Option<&String>, deferral: Deferral) -> Result<(), Fault> {
    if using_index.is_some() {
        return Err(Fault::Unsupported("a constraint cannot take an index over"));
    }
    at_once(deferral)
}

fn at_once(deferral: Deferral) -> Result<(), Fault> {
    if deferral == Deferral::NotDeferrable {
        return Ok(());
    }
    Err(Fault::Unsupported("it defers no constraints"))
}

fn references(target: &References, width: usize) -> Result<String, Fault> {
    if target.columns.is_empty() {
        return Err(Fault::Unsupported("a foreign key names the columns that it refers to there"));
    }
    // One column alone is either NULL or not: there is nothing that could be NULL in part.
    if target.match_full && width > 1 {
        return Err(Fault::Unsupported("a key that is NULL in part refers to nothing there"));
    }
    let mut sql = format!("REFERENCES {} {}", QUOTE.qualified(&target.table)?, QUOTE.list(&target.columns)?);
    for (event, action) in [("DELETE", target.on_delete), ("UPDATE", target.on_update)] {
        if let Some(action) = action {
            sql.extend([" ON ", event, " ", keywords(action)?]);
        }
    }
    Ok(sql)
}

fn keywords(action: Action) -> Result<&'static str, Fault> {
    Ok(match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => {
            return Err(Fault::Unsupported("InnoDB does not set a reference to its default"));
        }
    })
}
