use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::serialize::ToSql;
use diesel::sql_types::{Bool, HasSqlType, SqlType};

use super::columns::KeyColumns;
use super::end::End;
use super::end_of::EndOf;
use super::for_update::ForUpdate;
use crate::connection::Dialect;

/// A stretch of a table in the order of its key: where a batch begins, where it ends at the latest, and how many
/// rows it may have.
///
/// The database compares the keys: texts are in the order of their column's collation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<K> {
    low: Low<K>,
    until: Option<K>,
    limit: i64,
    locking: Option<&'static str>,
    dialect: Option<Dialect>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Low<K> {
    /// From the first row on.
    Open,
    /// Without the row of the key.
    After(K),
    /// With it.
    From(K),
    /// No row at all.
    Nothing,
}

impl<K> Span<K> {
    pub(super) fn new(after: Option<K>, until: Option<K>, limit: u32, dialect: Dialect) -> Self {
        let low = after.map_or(Low::Open, Low::After);
        let locking = (dialect == Dialect::Postgres).then_some(" FOR NO KEY UPDATE");
        Self { low, until, limit: i64::from(limit), locking, dialect: Some(dialect) }
    }

    /// The row of one key.
    pub(super) fn one(key: K, dialect: Dialect) -> Self
    where
        K: Clone,
    {
        Self { low: Low::From(key.clone()), ..Self::new(None, Some(key), 1, dialect) }
    }

    /// The same up to the key, with no other limit.
    pub(super) fn up_to(&self, key: K) -> Self
    where
        K: Clone,
    {
        Self { low: self.low.clone(), until: Some(key), limit: i64::MAX, ..*self }
    }

    /// The same for reading alone.
    pub(super) fn unlocked(self) -> Self {
        Self { locking: None, ..self }
    }

    /// From the first of the keys to the last one, both included: for a single statement over all of them.
    ///
    /// The keys are in the database's order, as [`rows`](super::Backfill::rows) reads them. Without any it contains
    /// no row.
    #[must_use]
    pub fn of(keys: &[K]) -> Self
    where
        K: Clone,
    {
        let low = keys.first().cloned().map_or(Low::Nothing, Low::From);
        Self { low, until: keys.last().cloned(), limit: i64::MAX, locking: None, dialect: None }
    }

    /// The key that the span begins after; `None` at the beginning of the table.
    pub fn after(&self) -> Option<&K> {
        match &self.low {
            Low::After(key) => Some(key),
            Low::Open | Low::From(_) | Low::Nothing => None,
        }
    }

    /// The last key that the span may have; `None` when it goes to the end of the table.
    pub fn until(&self) -> Option<&K> {
        self.until.as_ref()
    }

    /// How many rows the span may have.
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// The condition that the key in this column lies in the span: `id > $1 AND id <= $2`, as far as it has bounds.
    ///
    /// ```ignore
    /// users::table.filter(span.contains(users::id)).order(users::id).limit(span.limit())
    /// ```
    pub fn contains<E>(&self, column: E) -> Contains<'_, E, K>
    where
        E: Expression,
        E::SqlType: SqlType + TypedExpressionType,
        // Said here, where a key of another type is told in one line, and not first where the query is run.
        K: AsExpression<E::SqlType>,
    {
        Contains { span: self, column }
    }

    /// The same for a key of several columns, which are compared as a row: `(a, b) > ($1, $2)`.
    ///
    /// An index over these columns in this order serves it, and the `order` that goes with it.
    pub fn contains_row<E>(&self, columns: E) -> ContainsRow<'_, E, K> {
        ContainsRow { span: self, columns }
    }

    /// Reads the rows of a query for update, so that no other transaction changes them before the batch commits.
    ///
    /// `FOR NO KEY UPDATE` on PostgreSQL. On SQLite the batch's transaction holds the only write lock anyway.
    pub fn for_update<Q>(&self, query: Q) -> ForUpdate<Q> {
        ForUpdate { query, suffix: self.locking }
    }

    /// The last row of a query for the keys of the span, in their order and up to its limit.
    ///
    /// On PostgreSQL only that one key is sent, in the order of its type: a query with another collation in its
    /// `order` is not for this.
    ///
    /// ```ignore
    /// let ids = users::table.select(users::id).filter(span.contains(users::id));
    /// span.end_of(ids.order(users::id).limit(span.limit()), conn)
    /// ```
    pub fn end_of<'q, Q, C>(&self, keys: Q, conn: &mut C) -> QueryResult<Option<End<K>>>
    where
        EndOf<Q>: LoadQuery<'q, C, (K, i64)>,
        Q: LoadQuery<'q, C, K>,
    {
        if self.dialect == Some(Dialect::Postgres) {
            let end = EndOf { keys }.internal_load(conn)?.next().transpose()?;
            return Ok(end.map(|(key, rows)| End { key, rows: usize::try_from(rows).unwrap_or(usize::MAX) }));
        }
        let keys: Vec<K> = keys.internal_load(conn)?.collect::<QueryResult<_>>()?;
        let rows = keys.len();
        Ok(keys.into_iter().next_back().map(|key| End { key, rows }))
    }

    /// Writes the condition: `compare` pushes one comparison with a key.
    fn walk<'b, DB: Backend>(
        &'b self,
        mut out: AstPass<'_, 'b, DB>,
        compare: impl Fn(AstPass<'_, 'b, DB>, &'static str, &'b K) -> QueryResult<()>,
    ) -> QueryResult<()> {
        let low = match &self.low {
            Low::Nothing => {
                out.push_sql("(1 = 0)");
                return Ok(());
            }
            Low::Open => None,
            Low::After(key) => Some((" > ", key)),
            Low::From(key) => Some((" >= ", key)),
        };
        let high = self.until.as_ref().map(|key| (" <= ", key));
        out.push_sql(if low.is_none() && high.is_none() { "(1 = 1" } else { "(" });
        if let Some((operator, key)) = low {
            compare(out.reborrow(), operator, key)?;
        }
        if low.is_some() && high.is_some() {
            out.push_sql(" AND ");
        }
        if let Some((operator, key)) = high {
            compare(out.reborrow(), operator, key)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// See [`Span::contains`].
#[derive(Debug, Clone, Copy)]
pub struct Contains<'s, E, K> {
    span: &'s Span<K>,
    column: E,
}

/// See [`Span::contains_row`].
#[derive(Debug, Clone, Copy)]
pub struct ContainsRow<'s, E, K> {
    span: &'s Span<K>,
    columns: E,
}

impl<E, K, DB> QueryFragment<DB> for Contains<'_, E, K>
where
    E: Expression + QueryFragment<DB>,
    K: ToSql<E::SqlType, DB>,
    DB: Backend + HasSqlType<E::SqlType>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.span.walk(out, |mut out, operator, key| {
            self.column.walk_ast(out.reborrow())?;
            out.push_sql(operator);
            out.push_bind_param::<E::SqlType, K>(key)
        })
    }
}

impl<E, K, DB> QueryFragment<DB> for ContainsRow<'_, E, K>
where
    E: KeyColumns<K, DB>,
    DB: Backend,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.span.walk(out, |mut out, operator, key| {
            self.columns.walk_columns(out.reborrow())?;
            out.push_sql(operator);
            self.columns.walk_key(key, out)
        })
    }
}

/// Makes a condition of the type, whose SQL depends on the bounds that the span has.
macro_rules! condition {
    ($condition:ident, $columns:ident) => {
        impl<$columns, K> Expression for $condition<'_, $columns, K> {
            type SqlType = Bool;
        }

        impl<$columns, K> ValidGrouping<()> for $condition<'_, $columns, K> {
            type IsAggregate = is_aggregate::No;
        }

        impl<$columns: AppearsOnTable<QS>, K, QS: ?Sized> AppearsOnTable<QS> for $condition<'_, $columns, K> {}

        impl<$columns: SelectableExpression<QS>, K, QS: ?Sized> SelectableExpression<QS>
            for $condition<'_, $columns, K>
        {
        }

        impl<$columns, K> QueryId for $condition<'_, $columns, K> {
            type QueryId = ();

            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

condition!(Contains, E);
condition!(ContainsRow, E);
