//! PostgreSQL: one statement for a chunk of rows, each column an array.
//!
//! `unnest` of arrays is the fastest of the ways to update many rows that were measured (rows one by one,
//! pipelined, `VALUES`, `COPY` into a temporary table), and its text does not depend on the number of rows, so it
//! stays prepared. The arrays travel with the identifiers of their types, as Diesel knows or looks them up: no
//! cast is written, and enums, domains and composite types work as they are.
//!
//! The statement that stays prepared looks each key up in its index, for the planner does not know how many there are.
//! Keys that rise in small steps, as those of a backfill do, are found faster by reading their stretch of the index
//! once: the statement then says where they lie, and is planned for its values. That they do lie there the server
//! finds out; if they do not, it writes nothing, and the rows go the first way.
//!
//! An array of arrays does not exist. If one of the columns has a type without an array type, which arrays are,
//! the rows travel as `VALUES`.

use diesel::connection::LoadConnection;
use diesel::pg::{Pg, PgConnection, PgMetadataLookup};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, HasSqlType};
use diesel::{QueryResult, RunQueryDsl};

use super::chunk::Chunk;
use super::destination::Source;
use super::request::{Counts, Kind, Request};
use super::statement::{Keys, Piece, of_many_rows};
use super::values::{Buffers, Cells, Wire};
use crate::connection::Driver;

/// The most rows in one statement of arrays; more make it no faster.
const ROWS: usize = 5_000;

/// The fewest rows for which a plan of their own is worth making.
const ROWS_IN_ORDER: usize = 1_000;

/// The most rows in one statement of `VALUES`, whose text grows with them.
const ROWS_AS_VALUES: usize = 500;

/// The most parameters that a statement has in the protocol.
const PARAMETERS: usize = 65_535;

impl Wire for Pg {
    type Column<'a> = dyn PgColumn + 'a;
}

/// The values of one column on their way to PostgreSQL.
#[doc(hidden)]
pub trait PgColumn {
    /// Whether there are arrays of the column's type.
    fn has_array(&self, lookup: &mut (dyn PgMetadataLookup + 'static)) -> bool;

    /// Pushes all values as one array.
    fn array<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;

    /// Pushes one value.
    fn cell<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl<ST: 'static, V> PgColumn for Cells<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn has_array(&self, lookup: &mut (dyn PgMetadataLookup + 'static)) -> bool {
        // A type that is not found has arrays for now: Diesel's own error, which names it, comes with the bind.
        <Pg as HasSqlType<ST>>::metadata(lookup).array_oid().map_or(true, |oid| oid != 0)
    }

    fn array<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<ST>, [V]>(&self.values)
    }

    fn cell<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<ST, V>(&self.values[row])
    }
}

// What does not hold here is said in the trait's own words.
#[diagnostic::do_not_recommend]
impl<ST: 'static, V> Buffers<Pg> for Cells<ST, V>
where
    Pg: HasSqlType<ST>,
    V: ToSql<ST, Pg>,
{
    fn list<'a>(&'a self, columns: &mut Vec<&'a (dyn PgColumn + 'a)>) {
        columns.push(self);
    }
}

/// A connection to PostgreSQL that the rows are sent on.
pub(super) trait Session: Driver + LoadConnection<Backend = Pg> {
    /// Looks up of the types of the columns what decides about the layout.
    fn layout(&mut self, columns: &[&dyn PgColumn]) -> Layout;
}

impl Session for PgConnection {
    fn layout(&mut self, columns: &[&dyn PgColumn]) -> Layout {
        Layout::of(columns, self)
    }
}

/// How the rows of a chunk stand in its statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Arrays,
    Values,
}

impl Layout {
    pub(super) fn of(columns: &[&dyn PgColumn], lookup: &mut (dyn PgMetadataLookup + 'static)) -> Self {
        if columns.iter().all(|column| column.has_array(lookup)) { Self::Arrays } else { Self::Values }
    }

    fn rows(self, columns: usize) -> usize {
        match self {
            Self::Arrays => ROWS,
            Self::Values => ROWS_AS_VALUES.min(PARAMETERS / columns),
        }
    }
}

/// Writes all rows in one transaction, the caller's if there is one.
pub(super) fn write<C: Session>(
    connection: &mut C,
    table: &dyn QueryFragment<Pg>,
    request: &Request,
    source: &mut dyn Source<Pg>,
) -> QueryResult<Counts> {
    let layout = connection.layout(&source.columns());
    let mut writer = Writer {
        table,
        request,
        layout,
        anywhere: of_many_rows(request, Keys::Anywhere),
        in_order: of_many_rows(request, Keys::InOrder),
        chunk: Chunk::of_rows(layout.rows(request.columns.len()), request.distinct()),
    };
    source.fill(&mut writer.chunk);
    if writer.chunk.rows() == 0 {
        return Ok(Counts::default());
    }
    // Within a transaction a failing statement leaves nothing either: the server takes no more of it.
    if connection.transaction_depth() == Some(0) {
        connection.transaction(|connection| writer.run(connection, source))
    } else {
        writer.run(connection, source)
    }
}

struct Writer<'w> {
    table: &'w dyn QueryFragment<Pg>,
    request: &'w Request,
    layout: Layout,
    anywhere: Vec<Piece>,
    in_order: Vec<Piece>,
    /// The chunk that was filled last.
    chunk: Chunk,
}

impl Writer<'_> {
    fn run<C: Session>(&mut self, connection: &mut C, source: &mut dyn Source<Pg>) -> QueryResult<Counts> {
        let mut counts = Counts::default();
        while self.chunk.rows() > 0 {
            counts.given += self.chunk.rows();
            counts.written += self.send(connection, source)?;
            source.fill(&mut self.chunk);
        }
        Ok(counts)
    }

    /// Sends the chunk; returns how many rows of the table it wrote.
    fn send<C: Session>(&self, connection: &mut C, source: &mut dyn Source<Pg>) -> QueryResult<usize> {
        if self.seems_in_order() {
            let written = self.send_as(Keys::InOrder, connection, source)?;
            if written > 0 {
                return Ok(written);
            }
        }
        self.send_as(Keys::Anywhere, connection, source)
    }

    fn seems_in_order(&self) -> bool {
        matches!(self.request.kind, Kind::Update { .. })
            && self.layout == Layout::Arrays
            && self.chunk.rows() >= ROWS_IN_ORDER
            && self.chunk.is_dense()
    }

    fn send_as<C: Session>(
        &self,
        keys: Keys,
        connection: &mut C,
        source: &mut dyn Source<Pg>,
    ) -> QueryResult<usize> {
        let statement = ManyRows {
            table: self.table,
            pieces: if keys == Keys::InOrder { &self.in_order } else { &self.anywhere },
            columns: source.columns(),
            layout: self.layout,
            rows: i64::try_from(self.chunk.rows()).unwrap_or(i64::MAX),
            last: self.chunk.rows().saturating_sub(1),
            numbered: self.request.is_optimistic(),
            keep_prepared: keys == Keys::Anywhere && (self.layout == Layout::Arrays || self.chunk.is_full()),
        };
        if !self.request.is_optimistic() {
            return connection.execute_returning_count(&statement);
        }
        let found: Vec<i64> = statement.load(connection)?;
        let mut missed = vec![true; self.chunk.rows()];
        for number in &found {
            if let Some(row) = usize::try_from(*number).ok().and_then(|number| missed.get_mut(number - 1)) {
                *row = false;
            }
        }
        if keys == Keys::Anywhere || !found.is_empty() {
            source.missed(&missed);
        }
        Ok(found.len())
    }
}

/// The statement of one chunk.
struct ManyRows<'s> {
    table: &'s dyn QueryFragment<Pg>,
    pieces: &'s [Piece],
    columns: Vec<&'s dyn PgColumn>,
    layout: Layout,
    rows: i64,
    last: usize,
    /// Whether each row says its place in the chunk, from 1.
    numbered: bool,
    /// Whether the same text comes again often enough to keep it prepared.
    keep_prepared: bool,
}

impl ManyRows<'_> {
    fn arrays<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // In the select list and not in FROM, where a composite type would become several columns.
        for (at, column) in self.columns.iter().enumerate() {
            out.push_sql(if at == 0 { "(SELECT unnest(" } else { ", unnest(" });
            column.array(out)?;
            out.push_sql(&format!(") AS c{at}"));
        }
        if self.numbered {
            out.push_sql(", generate_series(1, ");
            out.push_bind_param::<BigInt, _>(&self.rows)?;
            out.push_sql(") AS nr");
        }
        out.push_sql(") AS source");
        Ok(())
    }

    fn values<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(VALUES ");
        for (row, number) in (1..=self.rows).enumerate() {
            for (at, column) in self.columns.iter().enumerate() {
                out.push_sql(match (row, at) {
                    (0, 0) => "(",
                    (_, 0) => "), (",
                    _ => ", ",
                });
                column.cell(row, out)?;
            }
            if self.numbered {
                out.push_sql(&format!(", {number}"));
            }
        }
        out.push_sql(")) AS source (");
        for at in 0..self.columns.len() {
            out.push_sql(&format!("{}c{at}", if at == 0 { "" } else { ", " }));
        }
        out.push_sql(if self.numbered { ", nr)" } else { ")" });
        Ok(())
    }
}

impl QueryFragment<Pg> for ManyRows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.keep_prepared {
            out.unsafe_to_cache_prepared();
        }
        for piece in self.pieces {
            match (piece, self.layout) {
                (Piece::Rows, Layout::Arrays) => self.arrays(&mut out)?,
                (Piece::Rows, Layout::Values) => self.values(&mut out)?,
                (Piece::First(column), _) => self.columns[*column].cell(0, &mut out)?,
                (Piece::Last(column), _) => self.columns[*column].cell(self.last, &mut out)?,
                (piece, _) => piece.push(self.table, &mut out)?,
            }
        }
        Ok(())
    }
}

impl QueryId for ManyRows<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for ManyRows<'_> {
    type SqlType = BigInt;
}

impl<C> RunQueryDsl<C> for ManyRows<'_> {}
