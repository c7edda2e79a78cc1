use serde_json::Value as Json;

/// A place in a JSON document where two versions of it differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathChange {
    /// Where, such as `emotions[2].name`; empty for the document as a whole.
    pub path: String,
    /// What was there, as JSON; `None` when nothing was.
    pub before: Option<String>,
    /// What is there, as JSON; `None` when nothing is.
    pub after: Option<String>,
}

/// Where two JSON documents differ, in the order of their paths.
///
/// `None` when one of the texts is neither an object nor an array. Elements of arrays are compared by position.
#[must_use]
pub fn document_changes(before: &str, after: &str) -> Option<Vec<PathChange>> {
    let parse = |text: &str| {
        serde_json::from_str(text).ok().filter(|json: &Json| json.is_object() || json.is_array())
    };
    let (before, after) = (parse(before)?, parse(after)?);
    let mut changes = Vec::new();
    compare("", Some(&before), Some(&after), &mut changes);
    Some(changes)
}

fn compare(path: &str, before: Option<&Json>, after: Option<&Json>, changes: &mut Vec<PathChange>) {
    match (before, after) {
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                compare(&member(path, name), old.get(name), new.get(name), changes);
            }
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => {
            for at in 0..old.len().max(new.len()) {
                compare(&format!("{path}[{at}]"), old.get(at), new.get(at), changes);
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            let text = |json: Option<&Json>| json.map(Json::to_string);
            changes.push(PathChange { path: path.to_owned(), before: text(before), after: text(after) });
        }
    }
}

fn member(path: &str, name: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || character == '_';
    if name.is_empty() || !name.chars().all(is_plain) {
        return format!("{path}[{}]", Json::from(name));
    }
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(before: &str, after: &str) -> Vec<String> {
        let shown = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let line =
            |change: PathChange| format!("{} {} {}", change.path, shown(change.before), shown(change.after));
        document_changes(before, after).unwrap().into_iter().map(line).collect()
    }

    #[test]
    fn only_what_differs_is_named_with_its_path() {
        assert_eq!(
            changes(
                r#"{"a": {"b": [1, 2]}, "c": null, "d": 1}"#,
                r#"{"d": 1.0, "a": {"b": [1, 3, 4]}, "x y": "e"}"#
            ),
            ["a.b[1] 2 3", "a.b[2] - 4", "c null -", "d 1 1.0", r#"["x y"] - "e""#]
        );
        assert!(changes("[1]", "[ 1 ]").is_empty());
        assert_eq!(changes("{}", "[]"), [" {} []"]);
    }

    #[test]
    fn what_is_no_document_is_not_compared_as_one() {
        assert_eq!(document_changes("1", "{}"), None);
        assert_eq!(document_changes("{}", "{"), None);
    }
}
