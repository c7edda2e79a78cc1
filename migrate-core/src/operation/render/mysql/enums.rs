//! Enums, which are types of single columns here.

use super::super::contradiction;
use super::{Fault, QUOTE};
use crate::operation::{EnumColumn, EnumType, ReplaceEnum};

/// `ENUM('a', 'b')`.
pub(super) fn declared(values: &[String]) -> Result<String, Fault> {
    contradiction::of_enum(&EnumType { name: "".into(), values: values.to_vec() })?;
    let values: Vec<_> = values.iter().map(|value| value_literal(value)).collect::<Result<_, _>>()?;
    Ok(format!("ENUM({})", values.join(", ")))
}

/// A value in the list. The grammar takes a literal there, also one of bytes, and no `CONVERT`.
fn value_literal(value: &str) -> Result<String, Fault> {
    if value.ends_with(' ') {
        return Err(Fault::Unsupported("the value of an enum keeps no space at its end there"));
    }
    if value.contains('\\') || value.contains('\0') {
        return Ok(QUOTE.bytes(value.as_bytes()));
    }
    Ok(QUOTE.text(value)?)
}

/// New values for the columns of an enum: first the old ones and the new ones together, then the rows change, then
/// the old ones go.
pub(super) fn replace(replace: &ReplaceEnum) -> Result<Vec<String>, Fault> {
    contradiction::of_replacement(replace)?;
    let mut statements = Vec::new();
    for column in &replace.columns {
        statements.extend(replace_in(replace, column)?);
    }
    Ok(statements)
}

fn replace_in(replace: &ReplaceEnum, column: &EnumColumn) -> Result<Vec<String>, Fault> {
    if column.array {
        return Err(Fault::Unsupported("it has no arrays"));
    }
    let old = replace.from.as_ref().ok_or(Fault::malformed("the values that it had are not said"))?;
    let kept = old.iter().filter(|value| !replace.to.values.contains(*value));
    let all: Vec<_> = replace.to.values.iter().chain(kept).cloned().collect();
    let mut statements = modify(column, &declared(&all)?, &[])?;
    if !replace.mapping.is_empty() {
        let (table, name) = (QUOTE.qualified(&column.table)?, QUOTE.name(&column.column)?);
        let (old, cases) = cases(&replace.mapping)?;
        statements
            .push(format!("UPDATE {table} SET {name} = CASE {name}{cases} END WHERE {name} IN ({old})"));
    }
    statements.extend(modify(column, &declared(&replace.to.values)?, &replace.mapping)?);
    Ok(statements)
}

/// The old values, and what each becomes.
fn cases(mapping: &[(String, String)]) -> Result<(String, String), Fault> {
    let (mut values, mut cases) = (Vec::new(), String::new());
    for (old, new) in mapping {
        let (old, new) = (QUOTE.text(old)?, QUOTE.text(new)?);
        cases.extend([" WHEN ", &old, " THEN ", &new]);
        values.push(old);
    }
    Ok((values.join(", "), cases))
}

/// Gives a column another type and nothing else. `MODIFY` takes a whole definition, so the statement is made of
/// what the server says about the column: whether it takes NULL, its default (mapped), its collation and comment.
fn modify(column: &EnumColumn, declared: &str, mapping: &[(String, String)]) -> Result<Vec<String>, Fault> {
    let table = QUOTE.qualified(&column.table)?;
    let schema = match &column.table.schema {
        Some(schema) => QUOTE.text(schema)?,
        None => "DATABASE()".to_owned(),
    };
    let (table_name, column_name) = (QUOTE.text(&column.table.name)?, QUOTE.text(&column.column)?);
    let head = QUOTE
        .text(&format!("ALTER TABLE {table} MODIFY COLUMN {} {declared}", QUOTE.name(&column.column)?))?;
    // MariaDB writes the default as SQL, MySQL as the value itself.
    let default = "IF(VERSION() LIKE '%MariaDB%', IF(COLUMN_DEFAULT LIKE '''%''', \
         REPLACE(SUBSTRING(COLUMN_DEFAULT, 2, CHAR_LENGTH(COLUMN_DEFAULT) - 2), '''''', ''''), NULL), COLUMN_DEFAULT)";
    let default = match mapping {
        [] => default.to_owned(),
        mapping => {
            let (_, cases) = cases(mapping)?;
            format!("CASE {default}{cases} ELSE {default} END")
        }
    };
    let text = format!(
        "SET @migrate_modify = (SELECT CONCAT({head}, \
         ' CHARACTER SET ', CHARACTER_SET_NAME, ' COLLATE ', COLLATION_NAME, \
         IF(IS_NULLABLE = 'YES', ' NULL', ' NOT NULL'), \
         COALESCE(CONCAT(' DEFAULT ', QUOTE({default})), ''), \
         ' COMMENT ', QUOTE(COLUMN_COMMENT)) FROM information_schema.COLUMNS \
         WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME = {table_name} AND COLUMN_NAME = {column_name})"
    );
    Ok(vec![
        text,
        "PREPARE migrate_modify FROM @migrate_modify".to_owned(),
        "EXECUTE migrate_modify".to_owned(),
        "DEALLOCATE PREPARE migrate_modify".to_owned(),
    ])
}
