//! SQLite: one prepared statement, run for each row in one transaction.
//!
//! There is no round trip to save, and what a statement for several rows saves it loses again in the joining. In a
//! transaction of the caller's there is no savepoint: it was measured to cost a fifth of the speed, since SQLite
//! then keeps a copy of each page before it changes.

use std::mem;

use diesel::query_builder::{AstPass, QueryBuilder as _, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;
use diesel::sqlite::{Sqlite, SqliteConnection, SqliteQueryBuilder};
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

// What does not hold here is said in the trait's own words.
#[diagnostic::do_not_recommend]
impl<ST, V> Buffers<Sqlite> for Cells<ST, V>
where
    Sqlite: HasSqlType<ST>,
    V: ToSql<ST, Sqlite>,
{
    fn list<'a>(&'a self, columns: &mut Vec<&'a (dyn SqliteColumn + 'a)>) {
        columns.push(self);
    }
}

/// Writes all rows in one transaction, the caller's if there is one.
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
    let pieces = joined(of_one_row(request), table)?;
    let mut run = |connection: &mut SqliteConnection| {
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
        run(connection)
    }
}

/// Joins what is the same for each row: Diesel asks for the text of the statement each time, as the key of its
/// prepared statements.
fn joined(pieces: Vec<Piece>, table: &dyn QueryFragment<Sqlite>) -> QueryResult<Vec<Piece>> {
    let shown = diesel::debug_query::<Sqlite, _>(&table).to_string();
    let table = shown.strip_suffix(" -- binds: []");
    let mut joined = Vec::new();
    let mut text = SqliteQueryBuilder::new();
    for piece in pieces {
        match (piece, table) {
            (Piece::Sql(sql), _) => text.push_sql(sql),
            (Piece::Made(sql), _) => text.push_sql(&sql),
            (Piece::Name(name), _) => text.push_identifier(name)?,
            (Piece::Table, Some(table)) => text.push_sql(table),
            (piece, _) => joined.extend([Piece::Made(mem::take(&mut text).finish()), piece]),
        }
    }
    joined.push(Piece::Made(text.finish()));
    Ok(joined)
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
