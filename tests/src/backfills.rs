//! A backfill whose change does not bear repetition: whatever is done twice can be seen.

use std::sync::Mutex;
use std::time::Duration;

use migrate_core::prelude::*;
use migrate_core::{AnyConnection, Migrator};

use self::schema::items;
use crate::testkit::{Audit, Database, History, Step};

mod schema {
    diesel::table! {
        items (id) {
            id -> BigInt,
            text -> Text,
        }
    }
}

/// What is read of an item.
pub type Item = (i64, String);

type Hook<T> = Box<dyn Fn(&mut AnyConnection, &T) -> Result<()> + Send + Sync>;

/// Appends a `+` to the text of each item.
pub struct Append {
    /// Its pace.
    pub pace: Pace,
    /// How many rows may be put aside.
    pub max_rejected: u64,
    /// Whether it passes over items with a `+` and may begin again.
    pub rescans: bool,
    /// What happens before the rows are written.
    pub before_apply: Hook<Vec<Item>>,
    /// How many rows each batch had, those that failed included.
    pub sizes: Mutex<Vec<usize>>,
}

impl Default for Append {
    fn default() -> Self {
        Self {
            pace: Pace { start: 10, max: 10, ..Pace::default() },
            max_rejected: 0,
            rescans: false,
            before_apply: Box::new(|_, _| Ok(())),
            sizes: Mutex::default(),
        }
    }
}

impl Append {
    /// With something that happens before the rows are written.
    #[must_use]
    pub fn before_apply(
        self,
        hook: impl Fn(&mut AnyConnection, &Vec<Item>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self { before_apply: Box::new(hook), ..self }
    }

    /// With an error for each batch that holds one of the items.
    #[must_use]
    pub fn failing_at(self, bad: &'static [i64]) -> Self {
        self.before_apply(move |_, rows| match rows.iter().find(|(id, _)| bad.contains(id)) {
            Some((id, _)) => Err(BodyError::new(format_args!("item {id} is bad"))),
            None => Ok(()),
        })
    }
}

impl Backfill for Append {
    type Connection = AnyConnection;
    type Key = i64;
    type Row = Item;

    fn rows(&self, conn: &mut AnyConnection, span: &Span<i64>) -> QueryResult<Vec<Item>> {
        let items = items::table.select((items::id, items::text)).filter(span.contains(items::id));
        if self.rescans {
            let left = items.filter(items::text.not_like("%+%"));
            return span.for_update(left.order(items::id).limit(span.limit())).load(conn);
        }
        span.for_update(items.order(items::id).limit(span.limit())).load(conn)
    }

    fn key(&self, row: &Item) -> i64 {
        row.0
    }

    fn apply(&self, conn: &mut AnyConnection, rows: Vec<Item>) -> Result<()> {
        self.sizes.lock().expect("sizes").push(rows.len());
        (self.before_apply)(conn, &rows)?;
        for (id, text) in rows {
            diesel::update(items::table.find(id)).set(items::text.eq(text + "+")).execute(conn)?;
        }
        Ok(())
    }

    fn remaining(&self, conn: &mut AnyConnection) -> QueryResult<i64> {
        items::table.filter(items::text.not_like("%+%")).count().get_result(conn)
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.execute("UPDATE items SET text = replace(text, '+', '')")
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn max_rejected(&self) -> u64 {
        self.max_rejected
    }

    fn rescans(&self) -> bool {
        self.rescans
    }
}

/// Two revisions: `a1` does nothing of note, `b1` is the backfill.
#[must_use]
pub fn history(append: Append) -> Migrator<AnyConnection> {
    History::new().with(Step::new("a1")).with_backfill("b1", &["a1"], append).migrator()
}

/// The same in many small batches, for the program `migrate-worker`.
#[must_use]
pub fn migrator() -> Migrator<AnyConnection> {
    let pace = Pace { start: 50, min: 50, max: 50, rest: Duration::from_millis(1), ..Pace::default() };
    history(Append { pace, ..Append::default() })
}

/// The same in batches of `batch` rows without a rest, each written down before its rows are changed.
#[must_use]
pub fn audited(audit: Audit, batch: u32) -> Migrator<AnyConnection> {
    let pace = Pace { start: batch, min: batch, max: batch, ..Pace::default() };
    let append = Append { pace, ..Append::default() };
    history(append.before_apply(move |_, rows| {
        audit.note(rows.iter().map(|(id, _)| *id));
        Ok(())
    }))
}

/// Creates `count` items, with the numbers 1, 3, 5, …, and an owner whom they may refer to until a commit.
pub fn create_items(database: &Database, count: u32) {
    database.execute(&format!(
        "CREATE TABLE owners (id bigint PRIMARY KEY);
         CREATE TABLE items (id bigint PRIMARY KEY, text text NOT NULL DEFAULT '',
             owner bigint REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED);
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
         INSERT INTO items (id) SELECT 2 * n - 1 FROM numbers WHERE n <= {count}"
    ));
}

/// How many items have each text, as `text count`, sorted.
#[must_use]
pub fn texts(database: &Database) -> Vec<String> {
    database.column("SELECT text || ' ' || CAST(count(*) AS text) FROM items GROUP BY text ORDER BY text")
}

/// How far the backfill is as `state rows batches rejected position`; the position is that of the first piece while
/// there is one.
#[must_use]
pub fn checkpoint(database: &Database) -> String {
    let sum = |column| format!("(SELECT CAST(sum({column}) AS text) FROM migrate_checkpoint)");
    let first =
        "(SELECT coalesce(position, '-') FROM migrate_checkpoint WHERE span > 0 ORDER BY span LIMIT 1)";
    database.one(&format!(
        "SELECT state || ' ' || {} || ' ' || {} || ' ' || {} || ' ' || coalesce({first}, position, '-') \
         FROM migrate_checkpoint WHERE span = 0",
        sum("row_count"),
        sum("batch_count"),
        sum("rejected_count"),
    ))
}

/// The rows put aside as `key state attempts error`, by key.
#[must_use]
pub fn rejected(database: &Database) -> Vec<String> {
    database.column(
        "SELECT row_key || ' ' || state || ' ' || CAST(attempts AS text) || ' ' || error \
         FROM migrate_rejected_row ORDER BY length(row_key), row_key",
    )
}
