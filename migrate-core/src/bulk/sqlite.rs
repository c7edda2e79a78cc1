//! SQLite: one prepared statement, run for each row in one transaction.
//!
//! There is no round trip to save, and what a statement for several rows saves it loses again in the joining.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection as _, QueryResult};

use super::chunk::Chunk;
use super::destination::Source;
use super::request::{Counts, Request};
use super::statement::{Piece, of_one_row};
use super::values::{Buffers, Cells, Wire};
use crate::connection::Driver as _;

/// How many rows wait in the buffers.
const ROWS: usize = 100;

impl Wire for Sqlite {
    type Column<'a> = dyn SqliteColumn + 'a;
}

/// The values of one column on their way to SQLite.
#[doc(hidden)]
pub trait SqliteColumn {
    /// Pushes one value.
    fn cell<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

impl<ST, V> SqliteColumn for Cells<ST, V>
where
    Sqlite: HasSqlType<ST>,
    V: ToSql<ST, Sqlite>,
{
    fn cell<'b>(&'b self, row: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_bind_param::<ST, V>(&self.values[row])
    }
}

impl<ST, V> Buffers<Sqlite> for Cells<ST, V>
where
    Sqlite: HasSqlType<ST>,
    V: ToSql<ST, Sqlite>,
{
    fn list<'a>(&'a self, columns: &mut Vec<&'a (dyn SqliteColumn + 'a)>) {
        columns.push(self);
    }
}

/// Writes all rows in one transaction, or in a savepoint of the caller's.
pub(super) fn write(
    connection: &mut SqliteConnection,
    table: &dyn QueryFragment<Sqlite>,
    request: &Request,
    source: &mut dyn Source<Sqlite>,
) -> QueryResult<Counts> {
    let mut chunk = Chunk::of_single_rows(ROWS);
    source.fill(&mut chunk);
    if chunk.rows() == 0 {
        return Ok(Counts::default());
    }
    let pieces = of_one_row(request);
    let run = |connection: &mut SqliteConnection| {
        let mut counts = Counts::default();
        while chunk.rows() > 0 {
            let missed = send(connection, table, &pieces, source, chunk.rows(), &mut counts)?;
            if request.is_optimistic() {
                source.missed(&missed);
            }
            source.fill(&mut chunk);
        }
        Ok(counts)
    };
    if connection.transaction_depth() == Some(0) {
        connection.immediate_transaction(run)
    } else {
        connection.transaction(run)
    }
}

/// Sends the rows of a chunk; returns which of them found nothing to write to.
fn send(
    connection: &mut SqliteConnection,
    table: &dyn QueryFragment<Sqlite>,
    pieces: &[Piece],
    source: &dyn Source<Sqlite>,
    rows: usize,
    counts: &mut Counts,
) -> QueryResult<Vec<bool>> {
    let columns = source.columns();
    let mut missed = Vec::with_capacity(rows);
    for row in 0..rows {
        let written =
            connection.execute_returning_count(&OneRow { table, pieces, columns: &columns, row })?;
        counts.given += 1;
        counts.written += written;
        missed.push(written == 0);
    }
    Ok(missed)
}

/// The statement of one row.
struct OneRow<'s> {
    table: &'s dyn QueryFragment<Sqlite>,
    pieces: &'s [Piece],
    columns: &'s [&'s dyn SqliteColumn],
    row: usize,
}

impl QueryFragment<Sqlite> for OneRow<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        for piece in self.pieces {
            match piece {
                Piece::Value(column) => self.columns[*column].cell(self.row, &mut out)?,
                piece => piece.push(self.table, &mut out)?,
            }
        }
        Ok(())
    }
}

impl QueryId for OneRow<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}
