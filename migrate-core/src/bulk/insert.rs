use std::marker::PhantomData;

use super::columns::ColumnList;
use super::request::{Kind, Request};
use super::update::Pending;
use super::values::Values;

/// Inserts many rows.
///
/// `columns` is a column of the table or a tuple of them, a row has their values; the other columns get their
/// defaults.
///
/// ```
/// # use migrate_core::prelude::*;
/// diesel::table! { tags (post_id, tag) { post_id -> BigInt, tag -> Text, } }
///
/// # fn apply(conn: &mut AnyConnection, posts: Vec<(i64, String)>) -> Result<()> {
/// let tags = posts.iter().flat_map(|(id, tags)| tags.split(',').map(move |tag| (*id, tag)));
/// bulk_insert(tags::table, (tags::post_id, tags::tag)).rows(tags).execute(conn)
/// # }
/// ```
///
/// All rows are in one transaction, as for [`bulk_update`](super::bulk_update).
pub fn bulk_insert<T, C, Form>(table: T, columns: C) -> BulkInsert<T, C::Shape>
where
    C: ColumnList<T, Form>,
{
    drop(columns);
    let request = Request { columns: C::names(), keys: 0, kind: Kind::Insert };
    BulkInsert { table, request, shape: PhantomData }
}

/// A [`bulk_insert`] that has no rows yet.
#[must_use = "nothing is written without `rows` and `execute`"]
#[derive(Debug)]
pub struct BulkInsert<T, S> {
    table: T,
    request: Request,
    shape: PhantomData<S>,
}

impl<T, S> BulkInsert<T, S> {
    /// Leaves out what would break any unique constraint of the table (`ON CONFLICT DO NOTHING`).
    ///
    /// For one constraint alone there is [`BulkUpsert::keep_existing`](super::BulkUpsert::keep_existing).
    pub fn skip_conflicts(mut self) -> Self {
        self.request.kind = Kind::InsertAbsent;
        self
    }

    /// Gives the rows; they are asked for one by one while they are written.
    pub fn rows<I>(self, rows: I) -> Pending<T, I::IntoIter, S>
    where
        I: IntoIterator,
        I::Item: Values<S>,
    {
        Pending::new(self.table, self.request, rows.into_iter())
    }
}
