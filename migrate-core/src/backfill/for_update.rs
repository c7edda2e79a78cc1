use diesel::QueryResult;
use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// See [`Span::for_update`](super::Span::for_update).
#[derive(Debug, Clone, Copy)]
pub struct ForUpdate<Q> {
    pub(super) query: Q,
    /// Diesel's own lock clauses are for the connection type of one server; which server it is, the span knows.
    pub(super) suffix: Option<&'static str>,
}

impl<Q: Query> Query for ForUpdate<Q> {
    type SqlType = Q::SqlType;
}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for ForUpdate<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(self.suffix.unwrap_or_default());
        Ok(())
    }
}

impl<Q> QueryId for ForUpdate<Q> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q, C> RunQueryDsl<C> for ForUpdate<Q> {}
