//! Whether what a command printed is what its page says.
//!
//! A page shows the ids, times and durations of the day it was written. Ids are bound: the first time that a page shows
//! one, it stands for whatever id was printed in its place, and from then on for that one, in commands as well. Times,
//! durations, addresses of databases and who ran a step are compared as such, and any number of spaces with any other.
//! `…` stands for any text, and for any lines where it is alone on one.

use std::collections::BTreeMap;

use regex_lite::{Captures, Regex};

/// What a page's ids stand for in this run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    real: BTreeMap<String, String>,
}

const ID: &str = "[0-9a-f]{12}";

/// What differs from run to run, and what it is replaced by.
const VOLATILE: [(&str, &str); 6] = [
    (r"\b(sqlite|postgres|postgresql)://[^\s`,)]+", "DATABASE"),
    (r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?\b", "TIME"),
    (r"\b20\d{6}_\d{4}_", "TIME_"),
    (r"\b\d+(\.\d+)? (ms|s|min)\b", "DURATION"),
    (r"\S+@\S+ \(pid \d+\)", "SOMEBODY"),
    (r" +", " "),
];

impl Ids {
    /// Makes a page's id stand for another one, unless it stands for one already.
    pub(crate) fn bind(&mut self, shown: &str, real: &str) {
        self.real.entry(shown.to_owned()).or_insert_with(|| real.to_owned());
    }

    /// A text of the page with the ids of this run; the beginning of an id becomes all of it.
    pub(crate) fn real(&self, text: &str) -> String {
        words(text, |word| {
            let shown = self.real.iter().find(|(shown, _)| word.len() >= 4 && shown.starts_with(word));
            shown.map(|(_, real)| real.clone())
        })
    }

    /// A text of this run with the ids of the page.
    pub(crate) fn shown(&self, text: &str) -> String {
        words(text, |word| {
            let shown = self.real.iter().find(|(_, real)| *real == word);
            shown.map(|(shown, _)| shown.clone())
        })
    }

    /// Whether a text of the page and one of this run are the same; binds the ids that the page shows first here.
    pub(crate) fn matches(&mut self, page: &str, run: &str) -> bool {
        let page: Vec<_> = page.trim_end().lines().map(steady).collect();
        let run: Vec<_> = run.trim_end().lines().map(steady).collect();
        match self.aligned(&page, &run) {
            Some(ids) => {
                *self = ids;
                true
            }
            None => false,
        }
    }

    fn aligned(&self, page: &[String], run: &[String]) -> Option<Self> {
        let Some((pattern, page)) = page.split_first() else {
            return run.is_empty().then(|| self.clone());
        };
        if pattern.trim() == "…" {
            return (0..=run.len()).find_map(|skipped| self.aligned(page, &run[skipped..]));
        }
        let (line, run) = run.split_first()?;
        self.line(pattern, line)?.aligned(page, run)
    }

    fn line(&self, pattern: &str, line: &str) -> Option<Self> {
        let mut shown = Vec::new();
        let escaped = regex_lite::escape(&self.real(pattern)).replace('…', ".*");
        let expression = words(&escaped, |word| {
            let fresh = Regex::new(&format!("^{ID}$")).expect("an expression").is_match(word)
                && !self.real.values().any(|real| real == word);
            fresh.then(|| {
                shown.push(word.to_owned());
                format!("({ID})")
            })
        });
        let found = Regex::new(&format!("^{expression}$")).expect("an expression").captures(line)?;
        let mut ids = self.clone();
        for (shown, real) in shown.iter().zip(found.iter().skip(1).flatten()) {
            ids.bind(shown, real.as_str());
            if ids.real[shown] != real.as_str() {
                return None;
            }
        }
        Some(ids)
    }
}

/// A line without what differs from run to run.
fn steady(line: &str) -> String {
    VOLATILE.iter().fold(line.trim_end().to_owned(), |line, (pattern, name)| {
        Regex::new(pattern).expect("an expression").replace_all(&line, *name).into_owned()
    })
}

/// A text in which words of letters and digits are replaced.
fn words(text: &str, mut replacement: impl FnMut(&str) -> Option<String>) -> String {
    let word = Regex::new("[0-9A-Za-z]+").expect("an expression");
    word.replace_all(text, |found: &Captures<'_>| {
        replacement(&found[0]).unwrap_or_else(|| found[0].to_owned())
    })
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::Ids;

    const FIRST: &str = "aaaaaaaaaaaa";
    const OTHER: &str = "0123456789ab";

    #[test]
    fn an_id_stands_for_the_one_that_is_printed_in_its_place_ever_after() {
        let mut ids = Ids::default();
        assert!(ids.matches(&format!("at {FIRST} (head)"), &format!("at {OTHER} (head)")));
        assert_eq!(ids.real(&format!("upgrade {FIRST} aaaa face")), format!("upgrade {OTHER} {OTHER} face"));
        assert_eq!(ids.shown(&format!("at {OTHER}")), format!("at {FIRST}"));
        assert!(ids.matches(&format!("at {FIRST}"), &format!("at {OTHER}")));
        assert!(!ids.matches(&format!("at {FIRST}"), "at bbbbbbbbbbbb"));
    }

    #[test]
    fn two_ids_of_one_line_are_not_one() {
        let mut ids = Ids::default();
        assert!(!ids.matches(&format!("{FIRST} -> {FIRST}"), &format!("{OTHER} -> bbbbbbbbbbbb")));
        assert!(ids.matches(&format!("{FIRST} -> cccccccccccc"), &format!("{OTHER} -> bbbbbbbbbbbb")));
    }

    #[test]
    fn times_durations_and_addresses_differ_from_run_to_run() {
        let mut ids = Ids::default();
        let page = "sqlite://app.db  2026-11-22 10:00  12 ms  ann@laptop (pid 7)\n20261122_1000_a.rs";
        let run = "postgres://x:1/y 2027-01-02 23:59 1.5 s root@vm (pid 1234)\n20270102_2359_a.rs";
        assert!(ids.matches(page, run));
        assert!(!ids.matches("Done: 2 steps in 3 ms", "Done: 3 steps in 3 ms"));
    }

    #[test]
    fn dots_stand_for_text_and_for_lines() {
        let mut ids = Ids::default();
        assert!(ids.matches("a\n…\nd", "a\nb\nc\nd"));
        assert!(ids.matches("a\n…\nd", "a\nd"));
        assert!(ids.matches("error: … is missing", "error: x.y is missing"));
        assert!(!ids.matches("a\n…\nd", "a\nb\nc"));
        assert!(!ids.matches("a", "a\nb"));
    }
}
