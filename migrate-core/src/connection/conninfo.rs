//! The texts that libpq takes: what of them may be shown, and what must not leave (I9).

use percent_encoding::percent_decode_str;

/// A text for libpq, as people may see it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// The text with `***` in place of each secret.
    pub(super) text: String,
    /// Every spelling of each secret, the longest first: one may be part of another.
    pub(super) secrets: Vec<String>,
}

impl Shown {
    pub(super) fn new(text: String, mut secrets: Vec<String>) -> Self {
        secrets.retain(|secret| !secret.is_empty());
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Self { text, secrets }
    }
}

/// A value as the `key=value` form takes it.
pub(super) fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn is_secret_key(key: &str) -> bool {
    matches!(key, "password" | "sslpassword" | "passfile" | "oauth_client_secret")
}

/// `postgres://user:password@host/database?key=value`.
pub(super) fn of_url(text: &str) -> Shown {
    let (scheme, rest) = text.split_once("://").unwrap_or(("postgres", text));
    let (location, query) = split_query(rest);
    let mut secrets = Vec::new();
    let mut shown = format!("{scheme}://");
    // libpq looks for the user information before the first slash; a password with an unescaped slash, `@` or `?` is
    // not valid, but must not be shown either.
    match location.rfind('@') {
        Some(at) => {
            let (user, password) =
                location[..at].split_once(':').map_or((&location[..at], None), |(u, p)| (u, Some(p)));
            shown.push_str(user);
            if let Some(password) = password {
                secrets.push(password.to_owned());
                // What libpq takes for a host or a port then, and names in its error.
                secrets.extend(password.split(['/', '@', '?', ':']).map(str::to_owned));
                shown.push_str(":***");
            }
            shown.push_str(&location[at..]);
        }
        None => shown.push_str(location),
    }
    if let Some(query) = query {
        let pairs: Vec<_> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((key, value)) if is_secret_key(&decoded(key)) => {
                    secrets.push(value.to_owned());
                    format!("{key}=***")
                }
                _ => pair.to_owned(),
            })
            .collect();
        shown.push('?');
        shown.push_str(&pairs.join("&"));
    }
    let spellings: Vec<_> = secrets.iter().map(|secret| decoded(secret)).collect();
    secrets.extend(spellings);
    Shown::new(shown, secrets)
}

/// The parts before and after the `?` of the query, which is not one that stands in a password.
fn split_query(rest: &str) -> (&str, Option<&str>) {
    let Some((location, query)) = rest.split_once('?') else { return (rest, None) };
    match query.rfind('@') {
        // No user information so far, and what may be a password: rather too much is hidden.
        Some(at) if location.contains(':') && !location.contains('@') => {
            let end = location.len() + 1 + at;
            let query = rest[end..].find('?').map(|mark| end + mark);
            query.map_or((rest, None), |mark| (&rest[..mark], Some(&rest[mark + 1..])))
        }
        _ => (location, Some(query)),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// `host=… dbname=… password=…`: nothing but the host and the database is worth the risk of showing.
pub(super) fn of_pairs(text: &str) -> Shown {
    let (mut host, mut database, mut secrets) = (String::new(), String::new(), Vec::new());
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (pair, behind) = first_pair(rest);
        match pair {
            Pair::Of { key: "host", value, .. } => host = value,
            Pair::Of { key: "dbname", value, .. } => database = value,
            Pair::Of { key, written, value } if is_secret_key(key) => {
                secrets.extend([written.to_owned(), written.trim_matches('\'').to_owned(), value]);
            }
            Pair::Of { .. } => {}
            // Most likely the rest of a password with a space in it; libpq names it in its error.
            Pair::Stray(word) => secrets.push(word.to_owned()),
        }
        rest = behind.trim_start();
    }
    Shown::new(format!("postgres://{host}/{database}"), secrets)
}

enum Pair<'t> {
    Of { key: &'t str, written: &'t str, value: String },
    Stray(&'t str),
}

/// The first pair of a text that does not begin with a space, as `conninfo_parse` of libpq reads it, and what comes
/// behind it.
fn first_pair(text: &str) -> (Pair<'_>, &str) {
    let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
    let (key, behind) = text.split_at(end);
    let Some(value) = behind.trim_start().strip_prefix('=') else { return (Pair::Stray(key), behind) };
    let value = value.trim_start();
    let (mut unescaped, mut is_escaped) = (String::new(), false);
    let is_quoted = value.starts_with('\'');
    for (at, c) in value.char_indices().skip(usize::from(is_quoted)) {
        let is_end = if is_quoted { c == '\'' } else { c.is_whitespace() };
        if is_escaped {
            unescaped.push(c);
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if is_end {
            let (written, behind) = value.split_at(at + usize::from(is_quoted));
            return (Pair::Of { key, written, value: unescaped }, behind);
        } else {
            unescaped.push(c);
        }
    }
    (Pair::Of { key, written: value, value: unescaped }, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libpq_would_name_of_a_broken_password_is_secret() {
        for (url, shown) in [
            ("postgres://app:pa/hunter2@db/x", "postgres://app:***@db/x"),
            ("postgres://app:pa?hunter2@db/x", "postgres://app:***@db/x"),
            ("postgres://app:pa?hunter2@db/x?sslmode=require", "postgres://app:***@db/x?sslmode=require"),
            ("postgres://app@db/x?p%61ssword=hunter2", "postgres://app@db/x?p%61ssword=***"),
        ] {
            let found = of_url(url);
            assert_eq!(found.text, shown, "{url}");
            assert!(found.secrets.iter().any(|secret| secret == "hunter2"), "{url}: {:?}", found.secrets);
        }
    }

    #[test]
    fn an_at_sign_in_a_parameter_hides_nothing_where_there_is_no_password() {
        for url in ["postgres://db/x?application_name=a@b", "postgres://app@db/x?application_name=a@b"] {
            assert_eq!(of_url(url), Shown { text: url.to_owned(), secrets: Vec::new() });
        }
    }

    #[test]
    fn pairs_are_read_as_libpq_reads_them() {
        for (text, secrets) in [
            (r"host=db password=hunter2 dbname=x", vec!["hunter2"]),
            (r"host=db password = hunter2 dbname=x", vec!["hunter2"]),
            (
                r"host=db password='it\'s hunter2' dbname=x",
                vec![r"'it\'s hunter2'", r"it\'s hunter2", "it's hunter2"],
            ),
            (r"host=db password=hun\ ter2 dbname=x", vec![r"hun\ ter2", "hun ter2"]),
            (r"sslpassword=one password=two host=db dbname=x", vec!["one", "two"]),
            (r"host=db dbname=x password=two hunter2", vec!["hunter2", "two"]),
            (r"host=db dbname=x password='hunter2", vec!["'hunter2", "hunter2"]),
            (r"host='db' dbname = 'x'", vec![]),
        ] {
            let found = of_pairs(text);
            assert_eq!(
                (found.text.as_str(), found.secrets),
                ("postgres://db/x", to_owned(&secrets)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_quoted_value_is_read_back() {
        let text = format!("host=db password={} dbname=x", quote(r"it's \ %@ hunter2"));
        assert!(of_pairs(&text).secrets.contains(&r"it's \ %@ hunter2".to_owned()));
    }

    fn to_owned(secrets: &[&str]) -> Vec<String> {
        secrets.iter().map(ToString::to_string).collect()
    }
}
