use super::super::contradiction;
use super::super::literals::as_default;
use super::types::{collate, declared, identity, is_unbounded};
use super::{Fault, QUOTE, enclosed, plain_text};
use crate::connection::Dialect;
use crate::operation::{Column, ColumnDefault, ColumnType, Identity, Value};

/// The definition of a column, without the constraints that stand with it: the server reads over a `REFERENCES`
/// there, so they all stand behind the columns.
pub(super) fn definition(column: &Column, in_key: bool) -> Result<String, Fault> {
    let identity = identity(column);
    contradiction::of_column(column, identity.is_some())?;
    let mut parts = vec![QUOTE.name(&column.name)?, declared(&column.type_)?];
    if let Some(collation) = &column.collation {
        parts.push(collate(collation)?);
    }
    if let Some(generated) = &column.generated {
        let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
        parts.push(format!("GENERATED ALWAYS AS {} {kind}", enclosed(&generated.expression)?));
        if !column.nullable {
            return Err(Fault::Unsupported("MariaDB does not refuse NULL in a computed column"));
        }
    } else if column.nullable && !in_key && identity.is_none() {
        // Said aloud, for with some settings a TIMESTAMP is NOT NULL otherwise.
        parts.push("NULL".to_owned());
    } else {
        parts.push("NOT NULL".to_owned());
    }
    if let Some(default) = &column.default {
        parts.push(format!("DEFAULT {}", default_value(default, Some(&column.type_))?));
    }
    if let Some(identity) = &identity {
        numbered(identity, in_key)?;
        parts.push("AUTO_INCREMENT".to_owned());
    }
    if let Some(comment) = &column.comment {
        parts.push(format!("COMMENT {}", plain_text(comment)?));
    }
    Ok(parts.join(" "))
}

fn numbered(identity: &Identity, in_key: bool) -> Result<(), Fault> {
    if !in_key {
        return Err(Fault::Unsupported("it numbers nothing but a primary key"));
    }
    if identity.always {
        return Err(Fault::Unsupported("it cannot refuse numbers that an INSERT brings"));
    }
    if identity.increment.is_some_and(|step| step != 1) {
        return Err(Fault::Unsupported("the step of a number is the server's setting there"));
    }
    Ok(())
}

/// The value of a default as it stands behind `DEFAULT`; without a type it fits any.
pub(super) fn default_value(default: &ColumnDefault, type_: Option<&ColumnType>) -> Result<String, Fault> {
    Ok(match default {
        ColumnDefault::Literal(Value::Null) => "NULL".to_owned(),
        ColumnDefault::Literal(value) => {
            let known = type_.map(|type_| as_default(value, type_.on_dialect(Dialect::Mysql)));
            let literal = QUOTE.value(known.as_deref().unwrap_or(value))?;
            let is_call = literal.starts_with("CONVERT");
            // Columns without a longest value take expressions only.
            if is_call || type_.is_none_or(is_unbounded) { format!("({literal})") } else { literal }
        }
        ColumnDefault::Now => match type_.map(|type_| type_.on_dialect(Dialect::Mysql)) {
            Some(ColumnType::Timestamp | ColumnType::Timestamptz) => "CURRENT_TIMESTAMP(6)",
            Some(ColumnType::Date) => "(CURRENT_DATE)",
            Some(ColumnType::Time) => "(CURRENT_TIME(6))",
            _ => "(CURRENT_TIMESTAMP(6))",
        }
        .to_owned(),
        ColumnDefault::Expression(sql) => enclosed(sql)?,
    })
}
