use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher as _};

use fnv::FnvBuildHasher;

/// The most that the values of one statement may weigh, but for one heavy row: about as many bytes.
const WEIGHT: usize = 8 << 20;

/// A value of more characters than this is not counted further, and the last of its statement.
const HEAVY: usize = 64 << 10;

/// What a value costs beside its content: its length in the message, and the place in memory of the buffer.
const EACH: usize = 24;

/// Keys are dense if there is one for so many numbers on the average.
#[cfg(any(test, feature = "postgres"))]
const STEP: usize = 16;

/// Decides which rows travel in one statement.
///
/// Diesel does not tell how long a value is for the server, so values are weighed by their `Debug` texts, which
/// are no shorter for any type that shows its content. The same texts tell rows with equal keys apart: a statement
/// of many rows writes each key once, in no particular order, so a key that comes again begins a new statement.
/// A key that looks like another by accident does no harm.
#[doc(hidden)]
#[derive(Debug)]
pub struct Chunk {
    most_rows: usize,
    /// How many of the first columns must differ from row to row.
    key_columns: usize,
    weighed: bool,
    rows: usize,
    weight: usize,
    keys: HashSet<u64, FnvBuildHasher>,
    stretch: Option<Stretch>,
}

/// The first key column of rows in which it is a whole number that never falls: its first and its last value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    first: i64,
    last: i64,
}

/// Shows the values of a row, column by column.
pub(super) type Show<'a> = &'a dyn Fn(&mut dyn FnMut(&dyn fmt::Debug));

impl Chunk {
    /// For statements of up to so many rows, no two of them with the same first `key_columns` values.
    pub(super) fn of_rows(most_rows: usize, key_columns: usize) -> Self {
        let (keys, stretch) = (HashSet::default(), None);
        Self { most_rows, key_columns, weighed: true, rows: 0, weight: 0, keys, stretch }
    }

    /// For statements of one row each.
    #[cfg(any(test, feature = "sqlite"))]
    pub(super) fn of_single_rows(most_rows: usize) -> Self {
        Self { weighed: false, ..Self::of_rows(most_rows, 0) }
    }

    /// How many rows it has.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether it has as many rows as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.rows == self.most_rows
    }

    /// Whether the first key column seems to be a number that rises from row to row, in small steps.
    ///
    /// As far as its `Debug` text tells: for choosing a way, never for the outcome.
    #[cfg(any(test, feature = "postgres"))]
    pub(super) fn is_dense(&self) -> bool {
        let width = self.stretch.and_then(|stretch| stretch.last.checked_sub(stretch.first));
        width.and_then(|width| usize::try_from(width).ok()).is_some_and(|width| width / STEP <= self.rows)
    }

    /// Begins the next one.
    pub(super) fn clear(&mut self) {
        self.rows = 0;
        self.weight = 0;
        self.keys.clear();
        self.stretch = None;
    }

    /// Takes a row, or says that the chunk has to go first. An empty one takes any.
    pub(super) fn admit(&mut self, show: Show<'_>) -> bool {
        if self.is_full() || self.weight > WEIGHT {
            return false;
        }
        if self.weighed {
            let (weight, key) = self.weigh(show);
            let fits = self.rows == 0 || self.weight + weight <= WEIGHT || weight > WEIGHT;
            if !fits || (self.key_columns > 0 && !self.keys.insert(key.hash)) {
                return false;
            }
            self.weight += weight;
            self.stretch = match (self.stretch, key.number) {
                (None, Some(number)) if self.rows == 0 => Some(Stretch { first: number, last: number }),
                (Some(stretch), Some(last)) if last >= stretch.last => Some(Stretch { last, ..stretch }),
                _ => None,
            };
        }
        self.rows += 1;
        true
    }

    fn weigh(&self, show: Show<'_>) -> (usize, Key) {
        let (mut weight, mut column) = (0, 0);
        let (mut hasher, mut digits) = (DefaultHasher::new(), Digits::default());
        show(&mut |value| {
            let mut scale = Scale { characters: 0, hasher: None, digits: None };
            if column < self.key_columns {
                scale.hasher = Some(&mut hasher);
                scale.digits = (column == 0).then_some(&mut digits);
            }
            weight += EACH + scale.weigh(value);
            column += 1;
        });
        (weight, Key { hash: hasher.finish(), number: digits.number() })
    }
}

/// What the texts of a row's key tell.
struct Key {
    hash: u64,
    /// The first column, if it looks like a number.
    number: Option<i64>,
}

/// Counts characters, and stops the one who writes them when there are too many.
struct Scale<'k> {
    characters: usize,
    hasher: Option<&'k mut DefaultHasher>,
    digits: Option<&'k mut Digits>,
}

impl Scale<'_> {
    fn weigh(mut self, value: &dyn fmt::Debug) -> usize {
        let whole = write!(self, "{value:?}");
        if let Some(hasher) = self.hasher {
            hasher.write_u8(0xff);
        }
        if whole.is_ok() { self.characters } else { WEIGHT + 1 }
    }
}

impl fmt::Write for Scale<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.characters += text.len();
        if let Some(hasher) = &mut self.hasher {
            hasher.write(text.as_bytes());
        }
        if let Some(digits) = &mut self.digits {
            digits.push(text);
        }
        if self.characters > HEAVY { Err(fmt::Error) } else { Ok(()) }
    }
}

/// A text that may be a number, without an allocation for each row.
#[derive(Debug, Default)]
struct Digits {
    bytes: [u8; 20],
    length: usize,
}

impl Digits {
    fn push(&mut self, text: &str) {
        if let Some(place) = self.bytes.get_mut(self.length..self.length + text.len()) {
            place.copy_from_slice(text.as_bytes());
        }
        self.length = self.length.saturating_add(text.len());
    }

    fn number(&self) -> Option<i64> {
        str::from_utf8(self.bytes.get(..self.length)?).ok()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(chunk: &mut Chunk, key: i64, text: &str) -> bool {
        chunk.admit(&|to| {
            to(&key);
            to(&text);
        })
    }

    #[test]
    fn a_key_that_comes_again_begins_a_new_statement() {
        let mut chunk = Chunk::of_rows(10, 1);
        assert!(admit(&mut chunk, 1, "a"));
        assert!(admit(&mut chunk, 2, "a"));
        assert!(!admit(&mut chunk, 1, "b"));
        chunk.clear();
        assert!(admit(&mut chunk, 1, "b"));
        assert_eq!(chunk.rows(), 1);
    }

    #[test]
    fn values_are_no_part_of_the_key() {
        let mut chunk = Chunk::of_rows(10, 0);
        assert!(admit(&mut chunk, 1, "a") && admit(&mut chunk, 1, "a"));
        let mut chunk = Chunk::of_rows(10, 2);
        assert!(admit(&mut chunk, 1, "a") && admit(&mut chunk, 1, "b") && !admit(&mut chunk, 1, "a"));
    }

    #[test]
    fn parts_of_a_key_do_not_run_into_each_other() {
        let mut chunk = Chunk::of_rows(10, 2);
        let mut pair = |first: i64, second: i64| {
            chunk.admit(&|to| {
                to(&first);
                to(&second);
            })
        };
        assert!(pair(1, 12) && pair(11, 2));
    }

    #[test]
    fn a_statement_has_a_limit_of_rows_and_of_weight() {
        let mut chunk = Chunk::of_rows(2, 1);
        assert!(admit(&mut chunk, 1, "") && admit(&mut chunk, 2, "") && !admit(&mut chunk, 3, ""));

        let text = "x".repeat(HEAVY - 100);
        let mut chunk = Chunk::of_rows(usize::MAX, 1);
        let rows = (0..1_000).take_while(|key| admit(&mut chunk, *key, &text)).count();
        assert_eq!(rows, WEIGHT / (HEAVY - 100 + 2 + 1 + 2 * EACH));
    }

    #[test]
    fn a_heavy_row_is_the_last_of_its_statement() {
        let text = "x".repeat(HEAVY * 40);
        let mut chunk = Chunk::of_rows(10, 1);
        assert!(admit(&mut chunk, 1, "") && admit(&mut chunk, 2, &text) && !admit(&mut chunk, 3, ""));
    }

    #[test]
    fn keys_are_dense_when_they_rise_in_small_steps() {
        let dense = |keys: &[&dyn fmt::Debug]| {
            let mut chunk = Chunk::of_rows(10, 1);
            assert!(keys.iter().all(|key| chunk.admit(&|to| to(*key))));
            chunk.is_dense()
        };
        assert!(dense(&[&-3, &0, &20]) && dense(&[&i64::MAX]));
        assert!(
            !dense(&[]) && !dense(&[&1, &3, &2]) && !dense(&[&1, &100]) && !dense(&[&i64::MIN, &i64::MAX])
        );
        assert!(!dense(&[&"1", &"2"]) && !dense(&[&Some(1), &Some(2)]) && !dense(&[&"a", &2, &3]));
    }

    #[test]
    fn single_rows_are_not_looked_at() {
        let mut chunk = Chunk::of_single_rows(2);
        assert!(admit(&mut chunk, 1, "") && admit(&mut chunk, 1, "") && !admit(&mut chunk, 1, ""));
    }
}
