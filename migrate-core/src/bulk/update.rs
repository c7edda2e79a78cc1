use std::marker::PhantomData;

use super::chunk::Chunk;
use super::columns::ColumnList;
use super::destination::Destination;
use super::feed::{Feed, Rows};
use super::request::{Counts, Kind, Request};
use super::values::{Keyed, KeyedAsRead, Values};
use crate::error::Result;

/// Sets columns of many rows, each row found by its key.
///
/// `key` and `columns` are each a column of the table or a tuple of them; a row is a pair of their values.
///
/// ```
/// # use migrate_core::prelude::*;
/// diesel::table! { users (id) { id -> BigInt, email -> Text, email_normalized -> Nullable<Text>, } }
///
/// # fn apply(conn: &mut AnyConnection, rows: Vec<(i64, String)>) -> Result<()> {
/// bulk_update(users::table, users::id, users::email_normalized)
///     .rows(rows.into_iter().map(|(id, email)| (id, Some(email.trim().to_lowercase()))))
///     .execute(conn)
/// # }
/// ```
///
/// A key that is in no row writes nothing, one that is in several writes them all, and of two rows with the same
/// key the last one stays. All rows are in one transaction, so that none is left written when one fails. If the
/// caller has one open, it is that one, and the caller's to roll back.
pub fn bulk_update<T, K, C, KeyForm, Form>(table: T, key: K, columns: C) -> BulkUpdate<T, K::Shape, C::Shape>
where
    K: ColumnList<T, KeyForm>,
    C: ColumnList<T, Form>,
{
    // The columns are values for the sake of how it reads; their types say all.
    drop((key, columns));
    let mut names = K::names();
    let keys = names.len();
    names.extend(C::names());
    let request = Request { columns: names, keys, kind: Kind::Update { read: 0 } };
    BulkUpdate { table, request, shape: PhantomData }
}

/// A [`bulk_update`] that has no rows yet.
#[must_use = "nothing is written without `rows` and `execute`"]
#[derive(Debug)]
pub struct BulkUpdate<T, K, V> {
    table: T,
    request: Request,
    shape: PhantomData<(K, V)>,
}

impl<T, K, V> BulkUpdate<T, K, V> {
    /// Writes only where these columns still are as they were read; a row is then a triple of the key, the values
    /// and the values as read.
    ///
    /// For rows that were read without a lock while others write: nothing that they wrote is lost. The keys of the
    /// rows that were not written come back, to be read and done again:
    ///
    /// ```
    /// # use migrate_core::prelude::*;
    /// # diesel::table! { users (id) { id -> BigInt, email -> Text, email_normalized -> Nullable<Text>, } }
    /// # fn apply(conn: &mut AnyConnection, mut rows: Vec<(i64, String)>) -> Result<()> {
    /// while !rows.is_empty() {
    ///     let outcome = bulk_update(users::table, users::id, users::email_normalized)
    ///         .unchanged(users::email)
    ///         .rows(rows.iter().map(|(id, email)| (*id, Some(email.to_lowercase()), email)))
    ///         .execute(conn)?;
    ///     rows = users::table
    ///         .select((users::id, users::email))
    ///         .filter(users::id.eq_any(outcome.missed))
    ///         .load(conn)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// NULL is equal to NULL here. PostgreSQL's type `json` has no equality; `jsonb` has.
    pub fn unchanged<C, Form>(mut self, columns: C) -> OptimisticUpdate<T, K, V, C::Shape>
    where
        C: ColumnList<T, Form>,
    {
        drop(columns);
        let names = C::names();
        self.request.kind = Kind::Update { read: names.len() };
        self.request.columns.extend(names);
        OptimisticUpdate { table: self.table, request: self.request, shape: PhantomData }
    }

    /// Gives the rows; they are asked for one by one while they are written.
    pub fn rows<I>(self, rows: I) -> Pending<T, I::IntoIter, Keyed<K, V>>
    where
        I: IntoIterator,
        I::Item: Values<Keyed<K, V>>,
    {
        Pending::new(self.table, self.request, rows.into_iter())
    }
}

/// A bulk write with its rows.
// Without bounds, and `execute` without those of an impl: a row that does not fit is then what the compiler names.
#[must_use = "nothing is written without `execute`"]
#[derive(Debug)]
pub struct Pending<T, I, S> {
    table: T,
    request: Request,
    rows: I,
    shape: PhantomData<S>,
}

impl<T, I, S> Pending<T, I, S> {
    pub(super) fn new(table: T, request: Request, rows: I) -> Self {
        Self { table, request, rows, shape: PhantomData }
    }

    /// Writes the rows.
    ///
    /// An error leaves none written, or a transaction of the caller's to be rolled back.
    pub fn execute<C>(self, conn: &mut C) -> Result<()>
    where
        I: Iterator<Item: Values<S>>,
        C: Destination<T, <I::Item as Values<S>>::Buffers>,
    {
        self.count(conn).map(drop)
    }

    /// Writes the rows like [`execute`](Self::execute), and says how many there were.
    pub fn count<C>(self, conn: &mut C) -> Result<Counts>
    where
        I: Iterator<Item: Values<S>>,
        C: Destination<T, <I::Item as Values<S>>::Buffers>,
    {
        Ok(conn.write(&self.table, &self.request, &mut Rows::new(self.rows))?)
    }
}

/// A [`bulk_update`] that is told by [`unchanged`](BulkUpdate::unchanged) what to look at before it writes.
#[must_use = "nothing is written without `rows` and `execute`"]
#[derive(Debug)]
pub struct OptimisticUpdate<T, K, V, R> {
    table: T,
    request: Request,
    shape: PhantomData<(K, V, R)>,
}

impl<T, K, V, R> OptimisticUpdate<T, K, V, R> {
    /// Gives the rows: key, values, and the values as they were read.
    pub fn rows<I>(self, rows: I) -> PendingOptimistic<T, I::IntoIter, KeyedAsRead<K, V, R>>
    where
        I: IntoIterator,
        I::Item: Values<KeyedAsRead<K, V, R>>,
    {
        PendingOptimistic {
            table: self.table,
            request: self.request,
            rows: rows.into_iter(),
            shape: PhantomData,
        }
    }
}

/// An [`OptimisticUpdate`] with its rows.
#[must_use = "nothing is written without `execute`"]
#[derive(Debug)]
pub struct PendingOptimistic<T, I, S> {
    table: T,
    request: Request,
    rows: I,
    shape: PhantomData<S>,
}

/// What became of the rows of an [`OptimisticUpdate`].
#[must_use = "the rows that were missed are not written"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome<K> {
    /// How many rows were given and written.
    pub counts: Counts,
    /// The keys of the rows that were not written, in order: they have changed since they were read, or are gone.
    pub missed: Vec<K>,
}

impl<T, I, S> PendingOptimistic<T, I, S> {
    /// Writes the rows that are as they were read; says which are not.
    ///
    /// An error leaves none written, or a transaction of the caller's to be rolled back.
    pub fn execute<C, K, V, R>(self, conn: &mut C) -> Result<Outcome<K>>
    where
        I: Iterator<Item = (K, V, R)>,
        (K, V, R): Values<S>,
        C: Destination<T, <(K, V, R) as Values<S>>::Buffers>,
    {
        let mut rows = Optimistic { rows: Rows::new(self.rows), missed: Vec::new() };
        let counts = conn.write(&self.table, &self.request, &mut rows)?;
        Ok(Outcome { counts, missed: rows.missed })
    }
}

/// Rows whose keys are kept when they are missed.
struct Optimistic<I: Iterator<Item: Values<S>>, S, K> {
    rows: Rows<I, S>,
    missed: Vec<K>,
}

impl<I, S, K, V, R> Feed<<(K, V, R) as Values<S>>::Buffers> for Optimistic<I, S, K>
where
    I: Iterator<Item = (K, V, R)>,
    (K, V, R): Values<S>,
{
    fn fill(&mut self, chunk: &mut Chunk) {
        self.rows.fill(chunk);
    }

    fn buffers(&self) -> &<(K, V, R) as Values<S>>::Buffers {
        self.rows.buffers()
    }

    fn missed(&mut self, rows: &[bool]) {
        let missed = self.rows.drain().zip(rows).filter(|(_, missed)| **missed);
        self.missed.extend(missed.map(|((key, _, _), _)| key));
    }
}
