use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::BigInt;

/// See [`Span::end_of`](super::Span::end_of): the last row of a query and how many it has, on PostgreSQL, where a row
/// as a whole has an order.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct EndOf<Q> {
    pub(super) keys: Q,
}

impl<Q: Query> Query for EndOf<Q> {
    type SqlType = (Q::SqlType, BigInt);
}

impl<Q, C> RunQueryDsl<C> for EndOf<Q> {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for EndOf<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT span_keys.*, count(*) OVER () FROM (");
        self.keys.walk_ast(out.reborrow())?;
        out.push_sql(") AS span_keys ORDER BY span_keys DESC LIMIT 1");
        Ok(())
    }
}
