//! diesel-async's connection to PostgreSQL behind its blocking wrapper.

use diesel::QueryResult;
use diesel::pg::{Pg, PgMetadataLookup, PgTypeMetadata};
use diesel::query_builder::QueryFragment;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::{AsyncConnectionWrapper, BlockOn};

use super::destination::{Destination, Typed};
use super::feed::Feed;
use super::postgres::{Layout, PgColumn, Session, write};
use super::request::{Counts, Request};
use super::values::Buffers;

impl<T, V, B> Destination<T, V> for AsyncConnectionWrapper<AsyncPgConnection, B>
where
    T: QueryFragment<Pg>,
    V: Buffers<Pg>,
    B: BlockOn + Send + 'static,
{
    fn write(&mut self, table: &T, request: &Request, feed: &mut dyn Feed<V>) -> QueryResult<Counts> {
        write(self, table, request, &mut Typed(feed))
    }
}

impl<B: BlockOn + Send + 'static> Session for AsyncConnectionWrapper<AsyncPgConnection, B> {
    fn layout(&mut self, columns: &[&dyn PgColumn]) -> Layout {
        Layout::of(columns, &mut NamedTypes)
    }
}

/// Says of every type that is known by its name that there are arrays of it.
///
/// The wrapper hands out no look-up, and this asks for nothing else. Who makes an enum, a domain, a range or a composite
/// type has the server make its array type too; what has none is an array, and Diesel knows that without a look-up.
struct NamedTypes;

impl PgMetadataLookup for NamedTypes {
    fn lookup_type(&mut self, _name: &str, _schema: Option<&str>) -> PgTypeMetadata {
        PgTypeMetadata::new(1, 1)
    }
}
