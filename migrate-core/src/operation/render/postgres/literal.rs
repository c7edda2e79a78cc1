//! Defaults: literals of a type that is known, and expressions.

use super::writer::{Outcome, Writer};
use crate::connection::Dialect;
use crate::operation::{ColumnDefault, ColumnType, Value};

impl Writer<'_> {
    /// The default of a column of a type; `None` where the type is not said.
    pub(super) fn default(&self, type_: Option<&ColumnType>, default: &ColumnDefault) -> Outcome<String> {
        match default {
            ColumnDefault::Literal(value) => self.literal(type_, value),
            ColumnDefault::Now => Ok("now()".to_owned()),
            // In parentheses, for a default takes no operators of low precedence without.
            ColumnDefault::Expression(sql) => self.expression(sql),
        }
    }

    fn literal(&self, type_: Option<&ColumnType>, value: &Value) -> Outcome<String> {
        let type_ = type_.map(|type_| type_.on_dialect(Dialect::Postgres));
        match (type_, value) {
            (Some(type_), Value::Array(values)) => self.array(type_, values),
            // Numbers and truths do not become JSON by themselves; their texts do.
            (
                Some(json @ (ColumnType::Json | ColumnType::Jsonb)),
                Value::Bool(_) | Value::Integer(_) | Value::Double(_) | Value::Text(_),
            ) => {
                let text = match value {
                    Value::Bool(value) => value.to_string(),
                    Value::Text(text) => text.clone(),
                    number => self.quote.value(number)?,
                };
                Ok(format!("{}::{}", self.text(&text)?, self.type_(json)?))
            }
            // A literal in quotes is read as the column's type, and the server converts numbers.
            (_, value) => self.quote.value(value),
        }
    }

    fn array(&self, type_: &ColumnType, values: &[Value]) -> Outcome<String> {
        let element = match type_ {
            ColumnType::Array(of) => Some(&**of),
            ColumnType::Named(_) | ColumnType::Custom(_) => None,
            _ => return Err(self.malformed("an array is no value of a column that holds none")),
        };
        Ok(format!("{}::{}", self.elements(element, values)?, self.type_(type_)?))
    }

    fn elements(&self, type_: Option<&ColumnType>, values: &[Value]) -> Outcome<String> {
        let values = values.iter().map(|value| match value {
            Value::Array(inner) => {
                let type_ = match type_.map(|type_| type_.on_dialect(Dialect::Postgres)) {
                    Some(ColumnType::Array(of)) => Some(&**of),
                    other => other,
                };
                self.elements(type_, inner)
            }
            plain => self.literal(type_, plain),
        });
        Ok(format!("ARRAY[{}]", values.collect::<Outcome<Vec<_>>>()?.join(", ")))
    }
}
