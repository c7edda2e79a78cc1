//! Changes drawn for a table, made to the table under test as edits and to the model by hand.

use super::model::{COLLATIONS, Col, DEFAULTS, Dice, Key, Model, quoted};
use crate::sqlite::{ConstraintRef, Edit};

/// Draws a change, makes it to the model, and says it as an edit; `None` when it cannot be made to this table.
pub(super) fn draw(dice: &mut Dice, model: &mut Model, fills: &mut Vec<(String, String)>) -> Option<Edit> {
    let number = dice.below(model.cols.len());
    let column = model.cols[number].name.clone();
    let is_generated = model.cols[number].generated.is_some();
    match dice.below(12) {
        0 => {
            let declared = model.declared(dice);
            model.col(&column).declared.clone_from(&declared);
            Some(Edit::SetType { column, declared })
        }
        1 => {
            let col = model.col(&column);
            col.not_null = !col.not_null;
            Some(if col.not_null { Edit::SetNotNull { column } } else { Edit::DropNotNull { column } })
        }
        2 if !is_generated => Some(default(dice, model, column)),
        3 => Some(collation(dice, model, column)),
        4 => {
            let col = Col { is_new: true, ..model.draw_col(dice) };
            let definition = model.column(&col);
            model.cols.push(col);
            Some(Edit::AddColumn { definition })
        }
        // The indexes, the view and the other columns mention the first two.
        5 if number > 1 && !in_key(model, &column) && !in_check(model, &column) => {
            model.cols.remove(number);
            fills.retain(|(filled, _)| *filled != column);
            Some(Edit::DropColumn { column })
        }
        6 => Some(add_constraint(dice, model, column)),
        7 => drop_constraint(dice, model),
        8 => rename_constraint(model),
        9 => Some(column_check(model, column)),
        10 => generated(dice, model, number, column),
        11 if !is_generated => {
            let expression = format!("coalesce({}, 12)", quoted(&column));
            fills.push((column.clone(), expression.clone()));
            Some(Edit::Fill { column, expression })
        }
        _ => None,
    }
}

fn in_key(model: &Model, column: &str) -> bool {
    let column = column.to_owned();
    model.uniques.iter().any(|(_, columns)| columns.contains(&column))
        || matches!(&model.key, Key::Table(columns) if columns.contains(&column))
}

/// SQLite would take a name in double quotes for a string when there is no such column any more: the documented
/// procedure does not notice.
fn in_check(model: &Model, column: &str) -> bool {
    let name = quoted(column);
    model.checks.iter().any(|(_, expression)| expression.contains(&name))
}

fn default(dice: &mut Dice, model: &mut Model, column: String) -> Edit {
    let col = model.col(&column);
    if col.default.take().is_some() && dice.one_in(2) {
        return Edit::DropDefault { column };
    }
    let value = dice.of(DEFAULTS).to_owned();
    col.default = Some(value.clone());
    Edit::SetDefault { column, value }
}

fn collation(dice: &mut Dice, model: &mut Model, column: String) -> Edit {
    let col = model.col(&column);
    if col.collation.take().is_some() {
        return Edit::DropCollation { column };
    }
    let collation = dice.of(COLLATIONS);
    col.collation = Some(collation);
    Edit::SetCollation { column, collation: collation.to_ascii_lowercase() }
}

fn add_constraint(dice: &mut Dice, model: &mut Model, column: String) -> Edit {
    let name = quoted(&column);
    let taken = model.uniques.iter().any(|(name, _)| name.as_deref() == Some("one more"));
    if dice.one_in(2) && !taken {
        model.uniques.push((Some("one more".to_owned()), vec![column]));
        Edit::AddConstraint { definition: format!("CONSTRAINT \"one more\" UNIQUE ( {name} ) -- note") }
    } else {
        let expression = format!("typeof({name}) <> 'blob'");
        model.checks.push((None, expression.clone()));
        Edit::AddConstraint { definition: format!("CHECK ({expression})") }
    }
}

fn drop_constraint(dice: &mut Dice, model: &mut Model) -> Option<Edit> {
    let which = match dice.below(4) {
        0 if !model.uniques.is_empty() => {
            let (name, columns) = model.uniques.remove(0);
            // By its columns another one without a name could be meant.
            match name {
                Some(name) => ConstraintRef::Named(name),
                None => ConstraintRef::Unique(columns),
            }
        }
        1 if !model.checks.is_empty() => {
            let (name, expression) = model.checks.remove(0);
            if let Some(name) = name {
                ConstraintRef::Named(name)
            } else {
                model.checks.retain(|(name, other)| name.is_some() || *other != expression);
                ConstraintRef::Check(expression.replace(" IS NOT ", "  is\nNOT "))
            }
        }
        2 => {
            let col = model.cols.iter_mut().find(|col| col.references.is_some())?;
            let target = col.references.take()?;
            let table = if target.starts_with("Other") {
                "OTHER".to_owned()
            } else {
                model.name.to_ascii_uppercase()
            };
            ConstraintRef::ForeignKey { columns: vec![col.name.clone()], table }
        }
        3 if model.key != Key::None && !model.without_rowid => {
            model.key = Key::None;
            ConstraintRef::PrimaryKey
        }
        _ => return None,
    };
    Some(Edit::DropConstraint(which))
}

fn rename_constraint(model: &mut Model) -> Option<Edit> {
    let name = model.checks.iter_mut().find_map(|(name, _)| name.as_mut())?;
    let from = std::mem::replace(name, format!("{name}\"r"));
    Some(Edit::RenameConstraint { to: name.clone(), name: from })
}

fn column_check(model: &mut Model, column: String) -> Edit {
    let name = format!("check of {column}");
    let col = model.col(&column);
    let before = col.checks.len();
    col.checks.retain(|(own, _)| own.as_deref() != Some(name.as_str()));
    if col.checks.len() < before {
        return Edit::DropColumnCheck { column, name };
    }
    let expression = format!("{} IS NOT '(('", quoted(&column));
    col.checks.push((Some(name.clone()), expression.clone()));
    Edit::SetColumnCheck { column, name, expression }
}

fn generated(dice: &mut Dice, model: &mut Model, number: usize, column: String) -> Option<Edit> {
    let first = quoted(&model.cols[0].name);
    if model.cols[number].generated.take().is_some() {
        return Some(Edit::DropGenerated { column });
    }
    if number < 2 || in_key(model, &column) {
        return None;
    }
    let stored = dice.one_in(2);
    let expression = format!("{first} || '?'");
    let col = &mut model.cols[number];
    if col.default.is_some() || col.references.is_some() {
        return None;
    }
    col.generated = Some((expression.clone(), stored));
    Some(Edit::SetGenerated { column, expression, stored })
}
