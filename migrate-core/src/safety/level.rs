use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::rule::Rule;
use super::rules::RULES;

/// How much a rule matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Not at all.
    Allow,
    /// A plan and a check tell it; an upgrade goes on.
    Warn,
    /// An upgrade refuses before anything runs.
    Deny,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        })
    }
}

impl FromStr for Level {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        match text {
            "allow" => Ok(Self::Allow),
            "warn" => Ok(Self::Warn),
            "deny" => Ok(Self::Deny),
            _ => Err(LevelError::Level { level: text.to_owned() }),
        }
    }
}

/// How much each rule matters, where that is not its own default.
///
/// Read from text as the command line has it: `drop-column=deny,json-column=allow`; `all` stands for every rule,
/// and what comes later wins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    /// Gives a rule another level.
    pub fn set(&mut self, rule: &'static Rule, level: Level) {
        self.0.insert(rule.name, level);
    }

    /// The level of a rule.
    #[must_use]
    pub fn of(&self, rule: &Rule) -> Level {
        self.0.get(rule.name).copied().unwrap_or(rule.level)
    }

    /// Takes over what another one sets.
    pub fn extend(&mut self, later: &Self) {
        self.0.extend(&later.0);
    }

    /// Whether any rule could refuse an upgrade.
    #[must_use]
    pub fn denies_any(&self) -> bool {
        RULES.iter().any(|rule| self.of(rule) == Level::Deny)
    }
}

impl FromStr for Levels {
    type Err = LevelError;

    fn from_str(text: &str) -> Result<Self, LevelError> {
        let mut levels = Self::default();
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, level) =
                item.split_once('=').ok_or_else(|| LevelError::NoLevel { item: item.to_owned() })?;
            let (name, level) = (name.trim().replace('_', "-"), level.trim().parse()?);
            if name == "all" {
                for rule in RULES {
                    levels.set(rule, level);
                }
                continue;
            }
            let rule = RULES.iter().find(|rule| rule.name == name);
            levels.set(rule.ok_or_else(|| LevelError::Rule { rule: name.clone() })?, level);
        }
        Ok(levels)
    }
}

/// Why levels could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LevelError {
    /// There is no such rule.
    #[error("there is no safety rule `{rule}`")]
    Rule {
        /// Its name.
        rule: String,
    },
    /// There is no such level.
    #[error("`{level}` is no level: allow, warn or deny")]
    Level {
        /// The word.
        level: String,
    },
    /// A rule without a level.
    #[error("`{item}` says no level: `rule=level`")]
    NoLevel {
        /// What was written.
        item: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.name == name).unwrap()
    }

    #[test]
    fn later_levels_win_and_the_rest_keep_their_own() {
        let levels: Levels = "all=deny, index_not_concurrent=allow,,".parse().unwrap();
        assert_eq!(levels.of(rule("index-not-concurrent")), Level::Allow);
        assert_eq!(levels.of(rule("set-not-null")), Level::Deny);
        let mut two: Levels = "set-not-null=allow".parse().unwrap();
        two.extend(&"set-not-null=warn".parse().unwrap());
        assert_eq!(two.of(rule("set-not-null")), Level::Warn);
        assert_eq!(two.of(rule("index-not-concurrent")), rule("index-not-concurrent").level);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, told) in [
            ("drop-colum=deny", "there is no safety rule `drop-colum`"),
            ("set-not-null=error", "`error` is no level: allow, warn or deny"),
            ("set-not-null", "`set-not-null` says no level: `rule=level`"),
        ] {
            assert_eq!(text.parse::<Levels>().unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn no_rule_denies_by_itself_so_an_upgrade_that_worked_still_works() {
        assert!(!Levels::default().denies_any());
        assert!("set-not-null=deny".parse::<Levels>().unwrap().denies_any());
    }
}
