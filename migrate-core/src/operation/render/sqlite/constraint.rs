use super::super::contradiction;
use super::{Fault, QUOTE, enclosed};
use crate::operation::{Action, Constraint, Deferral, Name, References};

/// A constraint behind the columns, with its name.
pub(super) fn definition(constraint: &Constraint, name: &str, table: &Name) -> Result<String, Fault> {
    contradiction::of_constraint(constraint)?;
    let rule = match constraint {
        Constraint::PrimaryKey(key) => {
            own_index(key.using_index.as_ref(), key.deferral)?;
            format!("PRIMARY KEY {}", QUOTE.list(&key.columns)?)
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
            let target = references(&key.references, key.columns.len(), table)?;
            format!("FOREIGN KEY {} {target}{}", QUOTE.list(&key.columns)?, deferral(key.deferral))
        }
        Constraint::Exclude(_) => return Err(Fault::Unsupported("it has no exclusion constraints")),
    };
    Ok(format!("CONSTRAINT {} {rule}", QUOTE.name(name)?))
}

pub(super) const NULLS_ARE_DISTINCT: Fault = Fault::Unsupported("two NULLs are always distinct there");

/// Refuses what only PostgreSQL does with the index of a constraint.
pub(super) fn own_index(using_index: Option<&String>, deferral: Deferral) -> Result<(), Fault> {
    if using_index.is_some() {
        return Err(Fault::Unsupported("a constraint cannot take an index over"));
    }
    if deferral != Deferral::NotDeferrable {
        return Err(Fault::Unsupported("it defers nothing but foreign keys"));
    }
    Ok(())
}

/// The target of a foreign key of so many columns.
pub(super) fn references(target: &References, width: usize, table: &Name) -> Result<String, Fault> {
    if target.table.schema.is_some() && target.table.schema != table.schema {
        return Err(Fault::Unsupported("a foreign key stays within its database"));
    }
    // One column alone is either NULL or not: there is nothing that could be NULL in part.
    if target.match_full && width > 1 {
        return Err(Fault::Unsupported("a key that is NULL in part refers to nothing there"));
    }
    let mut sql = format!("REFERENCES {}", QUOTE.name(&target.table.name)?);
    if !target.columns.is_empty() {
        sql.push(' ');
        sql.push_str(&QUOTE.list(&target.columns)?);
    }
    for (event, action) in [("DELETE", target.on_delete), ("UPDATE", target.on_update)] {
        if let Some(action) = action {
            sql.extend([" ON ", event, " ", keywords(action)]);
        }
    }
    Ok(sql)
}

fn keywords(action: Action) -> &'static str {
    match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    }
}

fn deferral(deferral: Deferral) -> &'static str {
    match deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}
