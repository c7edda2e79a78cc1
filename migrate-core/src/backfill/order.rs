//! Whether rows come in the order of their keys, as far as Rust can tell.

use std::cmp::Ordering;

use serde_json::Value;

/// Whether a key certainly comes before the one that was read before it.
///
/// Numbers have one order everywhere. What is text in JSON is left to the database, whose collation decides; so a key of
/// several columns is looked at up to its first part that differs.
pub(super) fn falls(before: &Value, key: &Value) -> bool {
    compare(before, key) == Some(Ordering::Greater)
}

/// How two keys compare; `None` where only the database knows.
fn compare(before: &Value, key: &Value) -> Option<Ordering> {
    match (before, key) {
        (Value::Number(before), Value::Number(key)) => match (before.as_i128(), key.as_i128()) {
            (Some(before), Some(key)) => Some(before.cmp(&key)),
            _ => before.as_f64()?.partial_cmp(&key.as_f64()?),
        },
        (Value::Array(before), Value::Array(key)) => {
            let parts = before.iter().zip(key).map(|(before, key)| compare(before, key));
            parts.into_iter().find(|part| *part != Some(Ordering::Equal)).unwrap_or(Some(Ordering::Equal))
        }
        _ => (before == key).then_some(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::falls;

    #[test]
    fn numbers_are_compared_and_texts_are_not() {
        let cases: [(Value, Value, bool); 12] = [
            (json!(1), json!(2), false),
            (json!(2), json!(1), true),
            (json!(2), json!(2), false),
            (json!(-1), json!(u64::MAX), false),
            (json!(u64::MAX), json!(-1), true),
            (json!(1.5), json!(1.25), true),
            (json!("b"), json!("a"), false),
            (json!([1, 2]), json!([1, 1]), true),
            (json!([1, 2]), json!([2, 1]), false),
            (json!(["a", 2]), json!(["a", 1]), true),
            (json!(["b", 2]), json!(["a", 1]), false),
            (json!({"id": 2}), json!({"id": 1}), false),
        ];
        for (before, key, expected) in cases {
            assert_eq!(falls(&before, &key), expected, "{before} {key}");
        }
    }
}
