use std::marker::PhantomData;

use super::columns::ColumnList;
use super::request::{Kind, Request};
use super::update::Pending;
use super::values::{Keyed, Values};

/// Inserts many rows, or updates those whose key is there.
///
/// `key` is what a unique constraint or the primary key of the table has, `columns` what is written besides; a row
/// is a pair of their values, as for [`bulk_update`](super::bulk_update).
///
/// ```
/// # use migrate_core::prelude::*;
/// diesel::table! { totals (user_id, day) { user_id -> BigInt, day -> Text, messages -> Integer, } }
///
/// # fn apply(conn: &mut AnyConnection, rows: Vec<(i64, String, i32)>) -> Result<()> {
/// bulk_upsert(totals::table, (totals::user_id, totals::day), totals::messages)
///     .rows(rows.into_iter().map(|(user, day, messages)| ((user, day), messages)))
///     .execute(conn)
/// # }
/// ```
///
/// Of two rows with the same key the last one stays. All rows are in one transaction, as for
/// [`bulk_update`](super::bulk_update).
pub fn bulk_upsert<T, K, C, KeyForm, Form>(table: T, key: K, columns: C) -> BulkUpsert<T, K::Shape, C::Shape>
where
    K: ColumnList<T, KeyForm>,
    C: ColumnList<T, Form>,
{
    drop((key, columns));
    let mut names = K::names();
    let keys = names.len();
    names.extend(C::names());
    BulkUpsert { table, request: Request { columns: names, keys, kind: Kind::Upsert }, shape: PhantomData }
}

/// A [`bulk_upsert`] that has no rows yet.
#[must_use = "nothing is written without `rows` and `execute`"]
#[derive(Debug)]
pub struct BulkUpsert<T, K, V> {
    table: T,
    request: Request,
    shape: PhantomData<(K, V)>,
}

impl<T, K, V> BulkUpsert<T, K, V> {
    /// Leaves a row alone whose key is there (`ON CONFLICT (…) DO NOTHING`); of two rows with the same key the
    /// first one stays.
    pub fn keep_existing(mut self) -> Self {
        self.request.kind = Kind::InsertAbsent;
        self
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
