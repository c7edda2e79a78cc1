//! A fact about a statement.

use super::trial::{Expected, Trial, Way};
use crate::testkit::{Effects, LockMode};

/// Facts that belong together, and a part of the document.
#[derive(Debug)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What a reader should know before the table; may be empty.
    pub text: &'static str,
    /// Its rows.
    pub cases: &'static [Case],
}

/// What one statement does, or several in one transaction.
///
/// Built in constants: `Case::of("SET NOT NULL", "ALTER TABLE …").locks(&[("users", AccessExclusive)])`.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// What it is called in the document.
    pub title: &'static str,
    /// What stands there before, beside the fixture.
    pub setup: &'static [&'static str],
    /// What is looked at.
    pub statements: &'static [&'static str],
    /// The first major version that can do it, and the words of the error on older ones.
    pub since: Option<(u32, &'static str)>,
    /// None in a transaction, the tables that others use meanwhile outside of one.
    pub beside: Option<&'static [&'static str]>,
    /// From a major version on, instead of `locks`.
    newer: Option<(u32, &'static [(&'static str, LockMode)])>,
    locks: &'static [(&'static str, LockMode)],
    rewrites: &'static [&'static str],
    scans: &'static [&'static str],
    rebuilds: &'static [&'static str],
    refused: Option<&'static str>,
}

impl Case {
    /// A statement that locks nothing, as far as one knows so far.
    #[must_use]
    pub const fn of(title: &'static str, statements: &'static [&'static str]) -> Self {
        Self {
            title,
            setup: &[],
            statements,
            since: None,
            newer: None,
            beside: None,
            locks: &[],
            rewrites: &[],
            scans: &[],
            rebuilds: &[],
            refused: None,
        }
    }

    /// What runs before, in transactions of their own.
    #[must_use]
    pub const fn after(mut self, setup: &'static [&'static str]) -> Self {
        self.setup = setup;
        self
    }

    /// Older versions do not understand it.
    #[must_use]
    pub const fn since(self, major: u32) -> Self {
        self.since_or(major, "syntax error")
    }

    /// Older versions refuse it with these words.
    #[must_use]
    pub const fn since_or(mut self, major: u32, words: &'static str) -> Self {
        self.since = Some((major, words));
        self
    }

    /// The locks it takes from a major version on.
    #[must_use]
    pub const fn newer(mut self, major: u32, locks: &'static [(&'static str, LockMode)]) -> Self {
        self.newer = Some((major, locks));
        self
    }

    /// It refuses transactions, and is seen while others use these tables.
    #[must_use]
    pub const fn outside(mut self, beside: &'static [&'static str]) -> Self {
        self.beside = Some(beside);
        self
    }

    /// The locks it takes.
    #[must_use]
    pub const fn locks(mut self, locks: &'static [(&'static str, LockMode)]) -> Self {
        self.locks = locks;
        self
    }

    /// The tables that it gives a new file.
    #[must_use]
    pub const fn rewrites(mut self, tables: &'static [&'static str]) -> Self {
        self.rewrites = tables;
        self
    }

    /// The tables of which it reads every row.
    #[must_use]
    pub const fn scans(mut self, tables: &'static [&'static str]) -> Self {
        self.scans = tables;
        self
    }

    /// The indexes that it builds again, their tables staying as they are.
    #[must_use]
    pub const fn rebuilds(mut self, indexes: &'static [&'static str]) -> Self {
        self.rebuilds = indexes;
        self
    }

    /// It is an error whose message holds these words.
    #[must_use]
    pub const fn refused(mut self, words: &'static str) -> Self {
        self.refused = Some(words);
        self
    }

    /// What it does on a server of a major version.
    #[must_use]
    pub fn expected(&self, major: u32) -> Expected {
        if let Some((since, words)) = self.since
            && major < since
        {
            return Expected::Refused(words.to_owned());
        }
        if let Some(words) = self.refused {
            return Expected::Refused(words.to_owned());
        }
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let locks = match self.newer {
            Some((since, locks)) if major >= since => locks,
            _ => self.locks,
        };
        Expected::Effects(Effects {
            locks: locks.iter().map(|(name, mode)| ((*name).to_owned(), *mode)).collect(),
            rewritten: names(self.rewrites),
            scanned: names(self.scans),
            rebuilt: names(self.rebuilds),
        })
    }

    /// The first major version whose locks are others than those of older ones.
    #[must_use]
    pub fn differs_since(&self) -> Option<u32> {
        self.newer.map(|(major, _)| major)
    }

    /// What can be run on a server of a major version.
    #[must_use]
    pub fn trial(&self, major: u32) -> Trial {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Trial {
            title: self.title.to_owned(),
            setup: owned(self.setup),
            statements: owned(self.statements),
            way: self.beside.map_or(Way::Transaction, |tables| Way::Outside { beside: owned(tables) }),
            expected: self.expected(major),
        }
    }
}
