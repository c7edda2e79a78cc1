use diesel::QueryResult;

use super::whole::number;
use super::{Owner, Spans, unreadable};
use crate::connection::{Dialect, Driver, TextRow};

/// A piece as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) span: i64,
    pub(crate) token: i64,
    /// Whether nobody works on it: it was given back, its session has ended, or its heart has stood still for long.
    pub(crate) is_abandoned: bool,
    /// Whether it goes to the end of the table.
    pub(crate) is_open: bool,
    /// Who works on it, or did.
    pub(crate) worker: Option<String>,
}

/// A heart that has not beaten for so long has stopped.
const SILENCE: &str = "interval '30 seconds'";

/// A session as text: its process, and when it began, for processes have others' numbers later.
const SESSION: &str =
    "activity.pid || ' ' || to_char(activity.backend_start AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')";

impl Spans<'_> {
    /// Looks at all pieces, from the first one on.
    ///
    /// A piece of the one who asks is abandoned, too: it works on none while it asks. The session alone does not say
    /// whose it is, for a pooler lends it to several. Every piece is abandoned for one that works alone.
    pub(crate) fn look(
        self,
        driver: &mut dyn Driver,
        asker: Option<Owner<'_>>,
        is_alone: bool,
    ) -> QueryResult<Vec<Seen>> {
        let abandoned = match driver.dialect() {
            Dialect::Postgres if !is_alone => format!(
                "piece.state = 'ready' OR piece.updated_at < clock_timestamp() - {SILENCE} \
                 OR piece.session = $1 AND piece.worker = $2 \
                 OR piece.session IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_stat_activity AS activity \
                 WHERE activity.pid = CAST(split_part(piece.session, ' ', 1) AS integer) \
                 AND (activity.backend_start IS NULL OR {SESSION} = piece.session))"
            ),
            _ => "$1 IS NULL OR $2 IS NULL OR 1 = 1".to_owned(),
        };
        let sql = format!(
            "SELECT CAST(piece.span AS text), CAST(piece.token AS text), \
             CASE WHEN {abandoned} THEN 'yes' END, CASE WHEN piece.until IS NULL THEN 'yes' END, piece.worker \
             FROM {} AS piece WHERE piece.revision = $3 AND piece.span > 0 ORDER BY piece.span",
            self.names.checkpoint(),
        );
        let (session, worker) = (asker.and_then(|asker| asker.session), asker.map(|asker| asker.worker));
        let rows = driver.query(&sql, &[session, worker, Some(self.revision)])?;
        rows.into_iter().map(|row| parse(row).ok_or_else(unreadable)).collect()
    }
}

/// The session of this connection, as pieces name it.
pub(super) fn of_connection(driver: &mut dyn Driver) -> QueryResult<Option<String>> {
    let sql = format!("SELECT {SESSION} FROM pg_stat_activity AS activity WHERE pid = pg_backend_pid()");
    Ok(driver.query(&sql, &[])?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
}

fn parse(row: TextRow) -> Option<Seen> {
    let mut columns = row.into_iter();
    let mut next = || columns.next().flatten();
    Some(Seen {
        span: number(next())?,
        token: number(next())?,
        is_abandoned: next().is_some(),
        is_open: next().is_some(),
        worker: next(),
    })
}
