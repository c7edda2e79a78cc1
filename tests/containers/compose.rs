//! `compose.yaml` as data: a key that no type here has is an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compose {
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) volumes: BTreeMap<String, BTreeMap<String, String>>,
    /// What the services refer to.
    #[serde(rename = "x-database")]
    _database: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) image: String,
    pub(crate) build: Option<String>,
    pub(crate) entrypoint: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) command: Vec<String>,
    environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) depends_on: BTreeMap<String, Dependency>,
    pub(crate) healthcheck: Option<Healthcheck>,
    pub(crate) restart: Option<String>,
    #[serde(default)]
    pub(crate) ports: Vec<String>,
    #[serde(default)]
    pub(crate) volumes: Vec<String>,
    pub(crate) stop_grace_period: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dependency {
    pub(crate) condition: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Healthcheck {
    pub(crate) test: Vec<String>,
    #[serde(rename = "interval")]
    _interval: String,
    #[serde(rename = "timeout")]
    _timeout: String,
    #[serde(rename = "retries")]
    _retries: u32,
}

impl Compose {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    pub(crate) fn service(&self, name: &str) -> &Service {
        self.services.get(name).unwrap_or_else(|| panic!("no service {name}"))
    }
}

impl Service {
    /// Its environment for whoever has set these variables.
    pub(crate) fn environment(
        &self,
        variables: &BTreeMap<&str, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        let put_in = |(name, value): (&String, &String)| Ok((name.clone(), interpolated(value, variables)?));
        self.environment.iter().map(put_in).collect()
    }
}

/// Puts variables in, as Compose does: `${NAME}`, `${NAME:-default}` and `${NAME:?message}`.
pub(crate) fn interpolated(text: &str, variables: &BTreeMap<&str, String>) -> Result<String, String> {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        let unknown = || format!("`{text}`: not a form that the tests know");
        let (inner, behind) =
            after.strip_prefix('{').and_then(|after| after.split_once('}')).ok_or_else(unknown)?;
        let (name, otherwise) = inner.split_once(':').map_or((inner, None), |(n, o)| (n, Some(o)));
        let value = match (variables.get(name).filter(|value| !value.is_empty()), otherwise) {
            (Some(value), _) => value.clone(),
            (None, None) => String::new(),
            (None, Some(otherwise)) => match otherwise.split_at_checked(1) {
                Some(("-", default)) => default.to_owned(),
                Some(("?", message)) => return Err(format!("{name}: {message}")),
                _ => return Err(unknown()),
            },
        };
        whole.extend([before, &value]);
        rest = behind;
    }
    Ok(whole + rest)
}

#[test]
fn variables_are_put_in_as_compose_does_it() {
    let variables = BTreeMap::from([("SET", "p$w}".to_owned()), ("EMPTY", String::new())]);
    for (text, expected) in [
        ("plain", Ok("plain")),
        ("${SET}/${EMPTY:-x}:${UNSET}", Ok("p$w}/x:")),
        ("${SET:?no}", Ok("p$w}")),
        ("${EMPTY:?set it}", Err("EMPTY: set it")),
        ("$SET", Err("`$SET`: not a form that the tests know")),
        ("${UNSET:+x}", Err("`${UNSET:+x}`: not a form that the tests know")),
    ] {
        let found = interpolated(text, &variables);
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
    }
}

#[test]
fn a_key_that_is_not_known_is_refused() {
    let text = "x-database: {}\nvolumes: {}\nservices:\n  a:\n    image: b\n    environment: {}\n    privileged: true\n";
    let error = Compose::parse(text).unwrap_err();
    assert!(error.contains("privileged"), "{error}");
}
