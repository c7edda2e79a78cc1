//! The arguments of a call, each to be taken once.

use super::super::python::{Call, Expr};
use super::{NotPlain, Plain};

/// Options of servers that are not ours.
const OTHER_SERVERS: [&str; 4] = ["mysql_", "mariadb_", "mssql_", "oracle_"];

/// The arguments of a call that are not taken yet.
#[derive(Debug)]
pub(super) struct Arguments<'c> {
    what: String,
    positional: Vec<Option<&'c Expr>>,
    keywords: Vec<Option<(&'c str, &'c Expr)>>,
}

impl<'c> Arguments<'c> {
    pub(super) fn of(call: &'c Call) -> Self {
        Self {
            what: call.function.path().unwrap_or_else(|| "a method".to_owned()),
            positional: call.arguments.iter().map(Some).collect(),
            keywords: call.keywords.iter().map(|(name, value)| Some((name.as_str(), value))).collect(),
        }
    }

    /// Takes an argument by its position or its name.
    pub(super) fn take(&mut self, position: impl Into<Option<usize>>, name: &str) -> Option<&'c Expr> {
        let positional = position.into().and_then(|position| self.positional.get_mut(position)?.take());
        positional.or_else(|| self.keyword(name))
    }

    /// Takes an argument by its name.
    pub(super) fn keyword(&mut self, name: &str) -> Option<&'c Expr> {
        let found = self.keywords.iter_mut().find(|keyword| keyword.is_some_and(|(given, _)| given == name));
        found.and_then(Option::take).map(|(_, value)| value)
    }

    /// Takes the positional arguments from one on.
    pub(super) fn rest(&mut self, from: usize) -> Vec<&'c Expr> {
        self.positional.iter_mut().skip(from).filter_map(Option::take).collect()
    }

    /// Takes a text that has to be there.
    pub(super) fn text(&mut self, position: impl Into<Option<usize>>, name: &str) -> Plain<String> {
        let what = self.what.clone();
        self.optional_text(position, name)?
            .ok_or_else(|| NotPlain::new(format_args!("`{what}` without a `{name}`")))
    }

    /// Takes a text that may be absent or `None`.
    pub(super) fn optional_text(
        &mut self,
        position: impl Into<Option<usize>>,
        name: &str,
    ) -> Plain<Option<String>> {
        match self.take(position, name) {
            None | Some(Expr::None) => Ok(None),
            Some(Expr::Str(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.unexpected(name, other)),
        }
    }

    /// Takes a list of texts that has to be there.
    pub(super) fn texts(&mut self, position: impl Into<Option<usize>>, name: &str) -> Plain<Vec<String>> {
        match self.take(position, name) {
            Some(value) => value.texts().ok_or_else(|| self.unexpected(name, value)),
            None => Err(NotPlain::new(format_args!("`{}` without `{name}`", self.what))),
        }
    }

    /// Takes True, False, or nothing.
    pub(super) fn flag(&mut self, name: &str) -> Plain<Option<bool>> {
        match self.keyword(name) {
            None | Some(Expr::None) => Ok(None),
            Some(Expr::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.unexpected(name, other)),
        }
    }

    /// Takes a whole number, or nothing.
    pub(super) fn number(&mut self, position: impl Into<Option<usize>>, name: &str) -> Plain<Option<i64>> {
        match self.take(position, name) {
            None | Some(Expr::None) => Ok(None),
            Some(Expr::Int(number)) => Ok(Some(*number)),
            Some(other) => Err(self.unexpected(name, other)),
        }
    }

    /// Passes over arguments that say nothing about the schema.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.keyword(name);
        }
    }

    /// Refuses what nobody has taken.
    pub(super) fn finish(self) -> Plain<()> {
        if let Some(extra) = self.positional.iter().flatten().next() {
            return Err(NotPlain::new(format_args!("{extra} among the arguments of `{}`", self.what)));
        }
        let is_ours = |name: &str| !OTHER_SERVERS.iter().any(|prefix| name.starts_with(prefix));
        match self.keywords.iter().flatten().find(|(name, _)| is_ours(name)) {
            Some((name, _)) => Err(NotPlain::new(format_args!("the argument `{name}` of `{}`", self.what))),
            None => Ok(()),
        }
    }

    pub(super) fn unexpected(&self, name: &str, value: &Expr) -> NotPlain {
        NotPlain::new(format_args!("{value} as `{name}` of `{}`", self.what))
    }
}
