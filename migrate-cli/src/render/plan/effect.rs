//! What a statement does to others, in words.

use std::collections::{BTreeMap, BTreeSet};

use migrate_core::operation::{Effect, Name, TableLock};
use migrate_core::preview::Size;

/// How much others notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// They go on.
    Light,
    /// They wait for a moment, or nobody can tell.
    Brief,
    /// They wait for as long as it takes to go through a table.
    Long,
}

/// One thing that others notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) weight: Weight,
    pub(super) words: String,
    /// The server's word for it.
    pub(super) term: Option<String>,
}

/// How long a lock is held that takes no time by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// What comes after it in its transaction is as quick.
    Shortly,
    /// Something that takes its time comes after it.
    UntilTheStepEnds,
}

/// What an effect is to others; nothing if they do not notice it.
pub(super) fn notices(effect: &Effect, sizes: &BTreeMap<Name, Size>, held: Held) -> Vec<Notice> {
    let plain = |weight, words: &str| Notice { weight, words: words.to_owned(), term: None };
    let tables = effect.tables();
    let told = tables.iter().filter(|table| !is_own_sequence(table, &tables));
    let mut notices: Vec<_> = told.map(|table| of_table(effect, table, sizes.get(*table), held)).collect();
    if effect.waits_for_transactions {
        notices.push(plain(Weight::Light, "waits for every transaction that began before it"));
    }
    if effect.unknown {
        notices.push(plain(Weight::Brief, "what it locks is not known"));
    }
    notices
}

/// Whether anybody waits for as long as it takes to go through a table.
pub(super) fn takes_its_time(effect: &Effect) -> bool {
    !effect.rewrites.is_empty() || !effect.scans.is_empty()
}

/// Whether it is the sequence of a table that is told of anyway.
fn is_own_sequence(name: &Name, tables: &BTreeSet<&Name>) -> bool {
    let of = |table: &&&Name| {
        let rest = name.name.strip_prefix(table.name.as_str());
        rest.is_some_and(|rest| rest.starts_with('_') && rest.ends_with("_seq"))
    };
    tables.iter().find(of).is_some()
}

fn of_table(effect: &Effect, table: &Name, size: Option<&Size>, held: Held) -> Notice {
    let lock = effect.locks.get(table).copied();
    let (rewrites, scans) = (effect.rewrites.contains(table), effect.scans.contains(table));
    let table = named(table, size);
    let during = match (rewrites, scans) {
        (true, _) => Some("while all its rows are written anew"),
        (_, true) => Some("while all its rows are read"),
        _ => None,
    };
    let (weight, words) = match lock {
        Some(lock) if lock.blocks_writes() => {
            let whom = if lock.blocks_reads() { "reads and writes" } else { "writes" };
            let (weight, during) = match (during, held) {
                (Some(during), _) => (Weight::Long, during),
                (None, Held::UntilTheStepEnds) => (Weight::Long, "until the step ends"),
                (None, Held::Shortly) => (Weight::Brief, "for a moment"),
            };
            (weight, format!("blocks {whom} of {table} {during}"))
        }
        Some(lock) if lock >= TableLock::ShareUpdateExclusive => {
            let during = during.map(|during| format!(" {during}")).unwrap_or_default();
            (Weight::Light, format!("lets reads and writes of {table} go on{during}"))
        }
        Some(TableLock::RowExclusive) => (Weight::Light, format!("writes rows of {table}")),
        Some(_) => (Weight::Light, format!("reads {table}")),
        None if rewrites => (Weight::Long, format!("copies {table}")),
        None => (Weight::Light, format!("reads all of {table}")),
    };
    Notice { weight, words, term: lock.map(|lock| lock.to_string()) }
}

fn named(table: &Name, size: Option<&Size>) -> String {
    match size {
        None => table.to_string(),
        Some(Size { rows: Some(rows), bytes }) => {
            format!("{table} (≈ {}, {})", rows_in_words(*rows), bytes_in_words(*bytes))
        }
        Some(Size { rows: None, bytes }) => format!("{table} ({})", bytes_in_words(*bytes)),
    }
}

fn rows_in_words(rows: u64) -> String {
    if rows == 1 {
        "1 row".to_owned()
    } else {
        format!("{} rows", short(rows, 1_000, ["", " k", " M", " G"]))
    }
}

pub(crate) fn bytes_in_words(bytes: u64) -> String {
    short(bytes, 1_024, [" B", " kB", " MB", " GB"])
}

/// A number to two digits or so.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn short(number: u64, step: u64, units: [&str; 4]) -> String {
    let (mut scaled, mut unit) = (number as f64, 0);
    while scaled >= step as f64 * 0.9995 && unit + 1 < units.len() {
        scaled /= step as f64;
        unit += 1;
    }
    if unit > 0 && scaled < 9.95 {
        format!("{scaled:.1}{}", units[unit])
    } else {
        format!("{scaled:.0}{}", units[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(effect: &Effect) -> Vec<(Weight, String)> {
        let sizes = BTreeMap::from([("users".into(), Size { rows: Some(1_234_567), bytes: 356_515_840 })]);
        notices(effect, &sizes, Held::Shortly)
            .into_iter()
            .map(|notice| (notice.weight, notice.words))
            .collect()
    }

    fn locking(lock: TableLock) -> Effect {
        Effect { locks: [("users".into(), lock)].into(), ..Effect::default() }
    }

    #[test]
    fn a_lock_is_told_by_who_waits_and_for_how_long() {
        let users = "users (≈ 1.2 M rows, 340 MB)";
        for (effect, weight, words) in [
            (
                locking(TableLock::AccessExclusive),
                Weight::Brief,
                format!("blocks reads and writes of {users} for a moment"),
            ),
            (
                Effect { rewrites: ["users".into()].into(), ..locking(TableLock::AccessExclusive) },
                Weight::Long,
                format!("blocks reads and writes of {users} while all its rows are written anew"),
            ),
            (
                Effect { scans: ["users".into()].into(), ..locking(TableLock::Share) },
                Weight::Long,
                format!("blocks writes of {users} while all its rows are read"),
            ),
            (
                Effect { scans: ["users".into()].into(), ..locking(TableLock::ShareUpdateExclusive) },
                Weight::Light,
                format!("lets reads and writes of {users} go on while all its rows are read"),
            ),
            (locking(TableLock::RowExclusive), Weight::Light, format!("writes rows of {users}")),
        ] {
            assert_eq!(said(&effect), [(weight, words)]);
        }
        assert_eq!(said(&Effect::default()), []);
    }

    #[test]
    fn a_lock_is_kept_while_what_comes_after_it_takes_its_time() {
        let notices = notices(&locking(TableLock::AccessExclusive), &BTreeMap::new(), Held::UntilTheStepEnds);
        let [Notice { weight: Weight::Long, words, term: Some(term) }] = notices.as_slice() else {
            panic!("{notices:?}")
        };
        assert_eq!(words, "blocks reads and writes of users until the step ends");
        assert_eq!(term, "ACCESS EXCLUSIVE");
    }

    #[test]
    fn the_sequence_of_a_table_goes_without_saying() {
        let mut effect = locking(TableLock::AccessExclusive);
        effect.locks.insert("users_id_seq".into(), TableLock::AccessExclusive);
        assert_eq!(said(&effect).len(), 1);
    }

    #[test]
    fn numbers_are_short() {
        let rows: Vec<_> = [0, 1, 999, 1_000, 9_940, 99_900, 999_600, 12_000_000].map(rows_in_words).into();
        assert_eq!(
            rows,
            [
                "0 rows",
                "1 row",
                "999 rows",
                "1.0 k rows",
                "9.9 k rows",
                "100 k rows",
                "1.0 M rows",
                "12 M rows"
            ]
        );
        assert_eq!([0, 8_192, 10_485_760].map(bytes_in_words), ["0 B", "8.0 kB", "10 MB"]);
    }
}
