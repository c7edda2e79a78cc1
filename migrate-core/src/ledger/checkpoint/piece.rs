use diesel::QueryResult;

use super::whole::number;
use super::{CheckpointState, Spans, mark, unreadable};
use crate::connection::{Dialect, Driver, TextRow};
use crate::ledger::{now, quote_text};

/// A piece of a backfill's table, as the one has it who works on it. Keys are JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its number, which no other piece of the backfill ever has.
    pub(crate) span: i64,
    /// The last key that is done; at first the one that the piece begins after, `None` at the beginning of the table.
    pub(crate) position: Option<String>,
    /// Its last key; `None` for what is left of the table.
    pub(crate) until: Option<String>,
    pub(crate) rows: u64,
    pub(crate) batches: u64,
    pub(crate) rejected: u64,
    /// How many rows the next batch takes.
    pub(crate) batch_size: u32,
    /// Who holds an older one has lost the piece.
    pub(crate) token: i64,
    /// Whether the list of rejected rows has the row that somebody stopped at, right after `position`.
    pub(crate) is_blocked: bool,
}

/// Who works on a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner<'a> {
    /// For people.
    pub(crate) worker: &'a str,
    /// The server's session, where it stays the same from one transaction to the next.
    pub(crate) session: Option<&'a str>,
}

impl Spans<'_> {
    /// Writes a new piece down; who calls this holds the row of the whole.
    pub(crate) fn make(
        self,
        driver: &mut dyn Driver,
        piece: &Piece,
        rows: Option<u64>,
        owner: Owner<'_>,
    ) -> QueryResult<()> {
        let sql = format!(
            "INSERT INTO {} (revision, span, state, after, position, until, row_total, batch_size, token, worker, session) \
             VALUES ($1, CAST($2 AS bigint), 'running', $3, $4, $5, CAST($6 AS bigint), CAST($7 AS bigint), \
             CAST($8 AS bigint), $9, $10)",
            self.names.checkpoint(),
        );
        let [span, size, token] =
            [piece.span, i64::from(piece.batch_size), piece.token].map(|number| number.to_string());
        let rows = rows.map(|rows| rows.to_string());
        let binds = [
            Some(self.revision),
            Some(&*span),
            piece.position.as_deref(),
            piece.position.as_deref(),
            piece.until.as_deref(),
            rows.as_deref(),
            Some(&*size),
            Some(&*token),
            Some(owner.worker),
            owner.session,
        ];
        driver.execute(&sql, &binds).map(drop)
    }

    /// Makes a piece the owner's, from where it stands; with its token, only if it is still that.
    ///
    /// A batch of whoever had it before either is committed by now, or finds that its token is old. `None` while such
    /// a batch is under way, unless it is to be waited for.
    pub(crate) fn take(
        self,
        driver: &mut dyn Driver,
        span: i64,
        token: i64,
        owner: Owner<'_>,
        waits: bool,
    ) -> QueryResult<Option<Piece>> {
        let (checkpoint, dialect) = (self.names.checkpoint(), driver.dialect());
        let lock = match dialect {
            Dialect::Postgres if waits => " FOR UPDATE",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
            _ => "",
        };
        let sql = format!(
            "UPDATE {checkpoint} SET state = 'running', token = token + 1, worker = $1, session = $2, \
             updated_at = {} WHERE revision = $3 AND span IN (SELECT span FROM {checkpoint} \
             WHERE revision = $4 AND span = CAST($5 AS bigint) AND token = CAST($6 AS bigint){lock}) \
             RETURNING {}",
            now(dialect),
            self.columns(),
        );
        let (span, token) = (span.to_string(), token.to_string());
        let binds = [
            Some(owner.worker),
            owner.session,
            Some(self.revision),
            Some(self.revision),
            Some(&*span),
            Some(&*token),
        ];
        one(driver.query(&sql, &binds)?)
    }

    /// Reads a piece; with its lock, once nobody is in the middle of a batch.
    pub(crate) fn piece(self, driver: &mut dyn Driver, span: i64, locks: bool) -> QueryResult<Option<Piece>> {
        let lock = if locks && driver.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT {} FROM {} WHERE revision = $1 AND span = CAST($2 AS bigint){lock}",
            self.columns(),
            self.names.checkpoint(),
        );
        one(driver.query(&sql, &[Some(self.revision), Some(&span.to_string())])?)
    }

    /// Gives what is left of the table an end; who calls this has the piece's lock.
    pub(crate) fn bound(self, driver: &mut dyn Driver, span: i64, until: &str) -> QueryResult<()> {
        let sql = format!(
            "UPDATE {} SET until = $1 WHERE revision = $2 AND span = CAST($3 AS bigint)",
            self.names.checkpoint(),
        );
        driver.execute(&sql, &[Some(until), Some(self.revision), Some(&span.to_string())]).map(drop)
    }

    /// Writes down how far a batch got, in its transaction; returns the state of the whole.
    ///
    /// `None`, and nothing written, when the token is old, the piece has got another end, or the transaction is not
    /// the one that began.
    pub(crate) fn advance(self, driver: &mut dyn Driver, to: &Piece) -> QueryResult<Option<CheckpointState>> {
        let (checkpoint, dialect) = (self.names.checkpoint(), driver.dialect());
        let sql = format!(
            "UPDATE {checkpoint} SET position = $1, row_count = CAST($2 AS bigint), \
             batch_count = CAST($3 AS bigint), rejected_count = CAST($4 AS bigint), \
             batch_size = CAST($5 AS bigint), updated_at = {} \
             WHERE revision = $6 AND span = CAST($7 AS bigint) AND token = CAST($8 AS bigint) \
             AND until IS NOT DISTINCT FROM $9{} RETURNING {}",
            now(dialect),
            mark(dialect),
            state_of_whole(&checkpoint),
        );
        let numbers = [to.rows, to.batches, to.rejected, u64::from(to.batch_size)].map(|n| n.to_string());
        let [span, token] = [to.span, to.token].map(|number| number.to_string());
        let binds = [
            to.position.as_deref(),
            Some(&*numbers[0]),
            Some(&*numbers[1]),
            Some(&*numbers[2]),
            Some(&*numbers[3]),
            Some(self.revision),
            Some(&*span),
            Some(&*token),
            to.until.as_deref(),
        ];
        state(driver.query(&sql, &binds)?)
    }

    /// Ends a piece in the transaction of its last batch: its counts go to the whole, whose state is returned.
    ///
    /// `None`, and nothing written, as for [`advance`](Self::advance).
    pub(crate) fn complete(
        self,
        driver: &mut dyn Driver,
        piece: &Piece,
    ) -> QueryResult<Option<CheckpointState>> {
        let (checkpoint, dialect) = (self.names.checkpoint(), driver.dialect());
        let delete = format!(
            "DELETE FROM {checkpoint} WHERE revision = $1 AND span = CAST($2 AS bigint) \
             AND token = CAST($3 AS bigint) AND until IS NOT DISTINCT FROM $4{}",
            mark(dialect),
        );
        let [span, token] = [piece.span, piece.token].map(|number| number.to_string());
        let binds = [Some(self.revision), Some(&*span), Some(&*token), piece.until.as_deref()];
        if driver.execute(&delete, &binds)? != 1 {
            return Ok(None);
        }
        // What was left of the table ends where the last row was found.
        let last = if piece.until.is_none() { piece.position.as_deref() } else { None };
        let sql = format!(
            "UPDATE {checkpoint} SET row_count = row_count + CAST($1 AS bigint), \
             batch_count = batch_count + CAST($2 AS bigint), \
             rejected_count = rejected_count + CAST($3 AS bigint), batch_size = CAST($4 AS bigint), \
             position = coalesce($5, position), updated_at = {} \
             WHERE revision = $6 AND span = 0 RETURNING state",
            now(dialect),
        );
        let numbers = [piece.rows, piece.batches, piece.rejected, u64::from(piece.batch_size)];
        let numbers = numbers.map(|number| number.to_string());
        let binds = [
            Some(&*numbers[0]),
            Some(&*numbers[1]),
            Some(&*numbers[2]),
            Some(&*numbers[3]),
            last,
            Some(self.revision),
        ];
        state(driver.query(&sql, &binds)?)
    }

    /// Shows that the piece's worker is alive, and returns the state of the whole; `None` when the token is old.
    pub(crate) fn beat(self, driver: &mut dyn Driver, piece: &Piece) -> QueryResult<Option<CheckpointState>> {
        let checkpoint = self.names.checkpoint();
        let sql = format!(
            "UPDATE {checkpoint} SET updated_at = {} WHERE revision = $1 AND span = CAST($2 AS bigint) \
             AND token = CAST($3 AS bigint) RETURNING {}",
            now(driver.dialect()),
            state_of_whole(&checkpoint),
        );
        let [span, token] = [piece.span, piece.token].map(|number| number.to_string());
        state(driver.query(&sql, &[Some(self.revision), Some(&span), Some(&token)])?)
    }

    /// Leaves a piece to whoever comes next.
    pub(crate) fn give_back(self, driver: &mut dyn Driver, piece: &Piece) -> QueryResult<()> {
        let sql = format!(
            "UPDATE {} SET state = 'ready', session = NULL, updated_at = {} WHERE revision = $1 \
             AND span = CAST($2 AS bigint) AND token = CAST($3 AS bigint)",
            self.names.checkpoint(),
            now(driver.dialect()),
        );
        let [span, token] = [piece.span, piece.token].map(|number| number.to_string());
        driver.execute(&sql, &[Some(self.revision), Some(&span), Some(&token)]).map(drop)
    }

    fn columns(self) -> String {
        let (checkpoint, rejected_row) = (self.names.checkpoint(), self.names.rejected_row());
        format!(
            "CAST(span AS text), position, until, CAST(row_count AS text), CAST(batch_count AS text), \
             CAST(rejected_count AS text), CAST(batch_size AS text), CAST(token AS text), \
             (SELECT max('yes') FROM {rejected_row} AS aside WHERE aside.revision = {checkpoint}.revision \
             AND aside.state = 'blocking' AND aside.span = {checkpoint}.span)"
        )
    }

    /// The statement that locks a piece's row on PostgreSQL if the token is not old, without parameters: it travels
    /// with the `BEGIN` of a batch. Until that ends nobody takes the piece over, however long it takes.
    pub(crate) fn lock_piece(self, piece: &Piece) -> String {
        format!(
            "SELECT 1 FROM {} WHERE revision = {} AND span = {} AND token = {} FOR UPDATE;",
            self.names.checkpoint(),
            quote_text(self.revision),
            piece.span,
            piece.token,
        )
    }
}

fn state_of_whole(checkpoint: &str) -> String {
    format!(
        "(SELECT whole.state FROM {checkpoint} AS whole WHERE whole.span = 0 \
         AND whole.revision = {checkpoint}.revision)"
    )
}

fn state(rows: Vec<TextRow>) -> QueryResult<Option<CheckpointState>> {
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let text = row.into_iter().next().flatten();
    text.and_then(|text| CheckpointState::parse(&text)).map(Some).ok_or_else(unreadable)
}

fn one(rows: Vec<TextRow>) -> QueryResult<Option<Piece>> {
    rows.into_iter().next().map(|row| parse(row).ok_or_else(unreadable)).transpose()
}

fn parse(row: TextRow) -> Option<Piece> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(Piece {
        span: number(next())?,
        position: next(),
        until: next(),
        rows: number(next())?,
        batches: number(next())?,
        rejected: number(next())?,
        batch_size: number(next())?,
        token: number(next())?,
        is_blocked: next().is_some(),
    })
}
