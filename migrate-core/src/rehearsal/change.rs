//! Images of rows, before and after, made into changes.

use std::collections::{BTreeMap, BTreeSet};

use super::value::Value;
use crate::catalog::ObjectName;

/// What a rehearsal did to one table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableChanges {
    /// The table; of a partitioned one, the partition.
    pub table: ObjectName,
    /// How many rows were inserted.
    pub inserted: u64,
    /// How many were updated.
    pub updated: u64,
    /// How many were deleted.
    pub deleted: u64,
    /// Some of the changed rows, in no particular order.
    pub examples: Vec<RowChange>,
    /// Why there are no examples, or fewer than there could be.
    pub unseen: Option<String>,
}

/// A row that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowChange {
    /// What was done to it.
    pub kind: RowChangeKind,
    /// The columns of its primary key; empty without one.
    pub key: Vec<(String, Value)>,
    /// The columns that differ; of a row that was inserted or deleted all but the key.
    pub columns: Vec<ColumnChange>,
}

/// What was done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowChangeKind {
    /// It is new.
    Inserted,
    /// It was there before.
    Updated,
    /// It is gone.
    Deleted,
    /// It was inserted or updated: what it was before could not be found out.
    Written,
}

/// A column that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnChange {
    /// Its name.
    pub column: String,
    /// `None` where the row is new, or it is not known.
    pub before: Option<Value>,
    /// `None` where the row is gone.
    pub after: Option<Value>,
}

/// How many rows of a table were written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) inserted: u64,
    pub(crate) updated: u64,
    pub(crate) deleted: u64,
}

impl Counts {
    pub(crate) fn is_zero(self) -> bool {
        self == Self::default()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.deleted += other.deleted;
    }
}

/// A row as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    /// Where the version of the row is.
    pub(crate) place: String,
    pub(crate) values: Vec<Value>,
}

/// Finds out which old version of a row belongs to which new one.
pub(crate) struct Pairing<'c> {
    pub(crate) columns: &'c [String],
    /// The columns that identify a row; empty when there are none.
    pub(crate) key: &'c [String],
    pub(crate) counts: Counts,
}

impl Pairing<'_> {
    /// `before` may hold rows that were only locked, of which `there` has the place; neither list needs to be whole.
    ///
    /// What the counts contradict is not claimed: a row without an old version is new only if so many are.
    pub(crate) fn pair(
        &self,
        before: Vec<Image>,
        after: Vec<Image>,
        there: &BTreeSet<String>,
    ) -> Vec<RowChange> {
        let mut changes = Vec::new();
        let mut fresh = Vec::new();
        let mut old: BTreeMap<_, _> =
            before.into_iter().map(|image| (self.identity(&image), image)).collect();
        for image in after {
            match old.remove(&self.identity(&image)) {
                Some(before) => {
                    changes.push(self.change(RowChangeKind::Updated, Some(&before), Some(&image)));
                }
                None => fresh.push(image),
            }
        }
        let gone: Vec<_> = old.into_values().filter(|image| !there.contains(&image.place)).collect();
        // An update of the only changed row's key looks like a row that went and one that came.
        if let ([old], [new]) = (&*gone, &*fresh)
            && self.counts == (Counts { updated: self.counts.updated, ..Counts::default() })
        {
            changes.push(self.change(RowChangeKind::Updated, Some(old), Some(new)));
            return changes;
        }
        let is_new = as_u64(fresh.len()) <= self.counts.inserted;
        let kind = if is_new { RowChangeKind::Inserted } else { RowChangeKind::Written };
        changes.extend(fresh.iter().map(|image| self.change(kind, None, Some(image))));
        if as_u64(gone.len()) <= self.counts.deleted {
            changes.extend(gone.iter().map(|image| self.change(RowChangeKind::Deleted, Some(image), None)));
        }
        changes
    }

    /// A change from what the row was to what it is, at least one of which is known.
    pub(crate) fn change(
        &self,
        kind: RowChangeKind,
        before: Option<&Image>,
        after: Option<&Image>,
    ) -> RowChange {
        let is_key = |column: &String| self.key.contains(column);
        let at =
            |image: Option<&Image>, column: usize| image.and_then(|image| image.values.get(column).cloned());
        let key = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| is_key(column))
            .filter_map(|(at_, name)| Some((name.clone(), at(before, at_).or_else(|| at(after, at_))?)));
        let columns = self.columns.iter().enumerate().filter_map(|(number, name)| {
            let (before, after) = (at(before, number), at(after, number));
            let same = before == after || (kind != RowChangeKind::Updated && is_key(name));
            (!same).then(|| ColumnChange { column: name.clone(), before, after })
        });
        RowChange { kind, key: key.collect(), columns: columns.collect() }
    }

    /// By its key; without one no two versions are the same row.
    fn identity(&self, image: &Image) -> Vec<String> {
        let key = self.columns.iter().zip(&image.values).filter(|(column, _)| self.key.contains(column));
        let key: Vec<_> = key.map(|(_, value)| value.text().unwrap_or_default().to_owned()).collect();
        if key.is_empty() { vec![image.place.clone()] } else { key }
    }
}

fn as_u64(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(place: &str, id: &str, text: &str) -> Image {
        let text = if text == "NULL" { Value::Null } else { Value::Text(text.to_owned()) };
        Image { place: place.to_owned(), values: vec![Value::Plain(id.to_owned()), text] }
    }

    fn pair(
        key: &[String],
        counts: [u64; 3],
        before: Vec<Image>,
        after: Vec<Image>,
        there: &[&str],
    ) -> Vec<String> {
        let columns = ["id".to_owned(), "text".to_owned()];
        let [inserted, updated, deleted] = counts;
        let counts = Counts { inserted, updated, deleted };
        let there = there.iter().map(|place| (*place).to_owned()).collect();
        let shown = |value: &Option<Value>| match value {
            None => "-".to_owned(),
            Some(value) => value.text().unwrap_or("NULL").to_owned(),
        };
        let line = |change: RowChange| {
            let key: Vec<_> =
                change.key.iter().map(|(name, value)| format!("{name}={}", value.text().unwrap())).collect();
            let columns: Vec<_> = change
                .columns
                .iter()
                .map(|column| format!("{}:{}>{}", column.column, shown(&column.before), shown(&column.after)))
                .collect();
            format!("{:?} {} {}", change.kind, key.join(","), columns.join(" "))
        };
        let pairing = Pairing { columns: &columns, key, counts };
        pairing.pair(before, after, &there).into_iter().map(line).collect()
    }

    #[test]
    fn rows_are_paired_by_their_key() {
        let key = ["id".to_owned()];
        let before =
            vec![image("1", "1", "a"), image("2", "2", "NULL"), image("3", "3", "c"), image("4", "4", "d")];
        let after = vec![image("9", "1", "b"), image("8", "2", "NULL"), image("7", "5", "e")];
        assert_eq!(
            pair(&key, [1, 2, 1], before, after, &["4"]),
            ["Updated id=1 text:a>b", "Updated id=2 ", "Inserted id=5 text:->e", "Deleted id=3 text:c>-"]
        );
    }

    #[test]
    fn a_key_may_change() {
        let key = ["id".to_owned()];
        let (before, after) = (vec![image("1", "1", "a")], vec![image("2", "7", "a")]);
        assert_eq!(pair(&key, [0, 1, 0], before, after, &[]), ["Updated id=1 id:1>7"]);
    }

    #[test]
    fn what_the_counts_contradict_is_not_claimed() {
        let key = ["id".to_owned()];
        let after = || vec![image("8", "1", "x"), image("9", "2", "y")];
        assert_eq!(
            pair(&key, [0, 2, 0], Vec::new(), after(), &[]),
            ["Written id=1 text:->x", "Written id=2 text:->y"]
        );
        let before = vec![image("1", "1", "a"), image("2", "2", "b")];
        assert_eq!(
            pair(&[], [0, 2, 0], before, after(), &[]),
            ["Written  id:->1 text:->x", "Written  id:->2 text:->y"]
        );
    }
}
