//! The texts of the statements: a request in, pieces out.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment};

use super::request::{Kind, Request};

/// A piece of a statement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Sql(&'static str),
    Made(String),
    /// The table, as Diesel writes it.
    Table,
    /// A column's name, quoted by the backend.
    Name(&'static str),
    /// A value of this column.
    Value(usize),
    /// The first value of this column among the rows.
    First(usize),
    /// The last one.
    Last(usize),
    /// All rows, as something to select from; its columns are `c0`, `c1`, …
    Rows,
}
use Piece::{First, Last, Made, Name, Rows, Sql, Table, Value};

impl Piece {
    /// Pushes what is the same for each backend; gives back what is not.
    pub(super) fn push<'b, DB: Backend>(
        &'b self,
        table: &'b dyn QueryFragment<DB>,
        out: &mut AstPass<'_, 'b, DB>,
    ) -> QueryResult<()> {
        match self {
            Sql(sql) => out.push_sql(sql),
            Made(sql) => out.push_sql(sql),
            Table => table.walk_ast(out.reborrow())?,
            Name(name) => out.push_identifier(name)?,
            Value(_) | First(_) | Last(_) | Rows => {}
        }
        Ok(())
    }
}

/// What the server is told of the rows that it is to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Anywhere,
    /// The first column of the key lies between those of the first and of the last row; the statement writes nothing
    /// if that is not so.
    ///
    /// For an update of rows in arrays.
    InOrder,
}

/// One statement for many rows, for a server that can join a list of rows.
pub(super) fn of_many_rows(request: &Request, keys: Keys) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Kind::Update { .. } = request.kind {
        pieces.extend([Sql("UPDATE "), Table, Sql(" AS target SET ")]);
        list(&mut pieces, request.values(), ", ", |(at, name)| {
            vec![Name(name), Made(format!(" = source.c{at}"))]
        });
        pieces.extend([Sql(" FROM "), Rows, Sql(" WHERE ")]);
        list(&mut pieces, request.keys(), " AND ", |(at, name)| {
            vec![Sql("target."), Name(name), Made(format!(" = source.c{at}"))]
        });
        if let (Keys::InOrder, Some((at, name))) = (keys, request.keys().next()) {
            // The first parameter is the array of the first column.
            let between = || [Sql(" BETWEEN "), First(at), Sql(" AND "), Last(at)];
            pieces.extend([Sql(" AND target."), Name(name)]);
            pieces.extend(between());
            pieces.push(Sql(" AND (SELECT bool_and(key"));
            pieces.extend(between());
            pieces.push(Sql(") FROM unnest($1) AS keys (key))"));
        }
        for (at, name) in request.unchanged() {
            pieces.extend([
                Sql(" AND target."),
                Name(name),
                Made(format!(" IS NOT DISTINCT FROM source.c{at}")),
            ]);
        }
        if request.is_optimistic() {
            pieces.push(Sql(" RETURNING source.nr::bigint"));
        }
    } else {
        into(&mut pieces, request);
        pieces.push(Sql(" SELECT "));
        list(&mut pieces, 0..request.columns.len(), ", ", |at| vec![Made(format!("source.c{at}"))]);
        pieces.extend([Sql(" FROM "), Rows]);
        on_conflict(&mut pieces, request);
    }
    pieces
}

/// A statement for one row.
pub(super) fn of_one_row(request: &Request) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if let Kind::Update { .. } = request.kind {
        pieces.extend([Sql("UPDATE "), Table, Sql(" SET ")]);
        list(&mut pieces, request.values(), ", ", |(at, name)| vec![Name(name), Sql(" = "), Value(at)]);
        pieces.push(Sql(" WHERE "));
        list(&mut pieces, request.keys(), " AND ", |(at, name)| vec![Name(name), Sql(" = "), Value(at)]);
        for (at, name) in request.unchanged() {
            pieces.extend([Sql(" AND "), Name(name), Sql(" IS "), Value(at)]);
        }
    } else {
        into(&mut pieces, request);
        pieces.push(Sql(" VALUES ("));
        list(&mut pieces, 0..request.columns.len(), ", ", |at| vec![Value(at)]);
        pieces.push(Sql(")"));
        on_conflict(&mut pieces, request);
    }
    pieces
}

fn into(pieces: &mut Vec<Piece>, request: &Request) {
    pieces.extend([Sql("INSERT INTO "), Table]);
    if request.kind == Kind::Upsert {
        // A table may be called like `excluded`, which stands for the row that was to be inserted.
        pieces.push(Sql(" AS target"));
    }
    pieces.push(Sql(" ("));
    list(pieces, request.columns.iter(), ", ", |name| vec![Name(name)]);
    pieces.push(Sql(")"));
}

fn on_conflict(pieces: &mut Vec<Piece>, request: &Request) {
    if matches!(request.kind, Kind::Upsert | Kind::InsertAbsent) {
        pieces.push(Sql(" ON CONFLICT"));
        if request.keys > 0 {
            pieces.push(Sql(" ("));
            list(pieces, request.keys(), ", ", |(_, name)| vec![Name(name)]);
            pieces.push(Sql(")"));
        }
    }
    match request.kind {
        Kind::Upsert => {
            pieces.push(Sql(" DO UPDATE SET "));
            list(pieces, request.values(), ", ", |(_, name)| {
                vec![Name(name), Sql(" = excluded."), Name(name)]
            });
        }
        Kind::InsertAbsent => pieces.push(Sql(" DO NOTHING")),
        Kind::Insert | Kind::Update { .. } => {}
    }
}

fn list<T>(
    pieces: &mut Vec<Piece>,
    items: impl Iterator<Item = T>,
    separator: &'static str,
    each: impl Fn(T) -> Vec<Piece>,
) {
    for (place, item) in items.enumerate() {
        if place > 0 {
            pieces.push(Sql(separator));
        }
        pieces.extend(each(item));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: Kind, keys: usize, columns: &[&'static str]) -> Request {
        Request { columns: columns.to_vec(), keys, kind }
    }

    /// The pieces in a notation of this test: `<table>`, `[name]`, `#0` for a value, `<rows>`.
    fn shown(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece {
            Sql(sql) => (*sql).to_owned(),
            Made(sql) => sql.clone(),
            Table => "<table>".to_owned(),
            Name(name) => format!("[{name}]"),
            Value(at) => format!("#{at}"),
            First(at) => format!("#{at} first"),
            Last(at) => format!("#{at} last"),
            Rows => "<rows>".to_owned(),
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn an_update_joins_the_rows_by_their_keys() {
        let one = request(Kind::Update { read: 0 }, 1, &["id", "a"]);
        assert_eq!(
            shown(&of_many_rows(&one, Keys::Anywhere)),
            "UPDATE <table> AS target SET [a] = source.c1 FROM <rows> WHERE target.[id] = source.c0"
        );
        assert_eq!(shown(&of_one_row(&one)), "UPDATE <table> SET [a] = #1 WHERE [id] = #0");

        let several = request(Kind::Update { read: 0 }, 2, &["k", "l", "a", "b"]);
        assert_eq!(
            shown(&of_many_rows(&several, Keys::Anywhere)),
            "UPDATE <table> AS target SET [a] = source.c2, [b] = source.c3 FROM <rows> \
             WHERE target.[k] = source.c0 AND target.[l] = source.c1"
        );
        assert_eq!(
            shown(&of_one_row(&several)),
            "UPDATE <table> SET [a] = #2, [b] = #3 WHERE [k] = #0 AND [l] = #1"
        );
    }

    #[test]
    fn keys_in_order_are_looked_for_between_the_first_and_the_last() {
        let update = request(Kind::Update { read: 0 }, 2, &["k", "l", "a"]);
        assert_eq!(
            shown(&of_many_rows(&update, Keys::InOrder)),
            "UPDATE <table> AS target SET [a] = source.c2 FROM <rows> \
             WHERE target.[k] = source.c0 AND target.[l] = source.c1 AND target.[k] BETWEEN #0 first AND #0 last \
             AND (SELECT bool_and(key BETWEEN #0 first AND #0 last) FROM unnest($1) AS keys (key))"
        );
    }

    #[test]
    fn an_optimistic_update_compares_what_was_read() {
        let update = request(Kind::Update { read: 1 }, 1, &["id", "a", "b"]);
        assert_eq!(
            shown(&of_many_rows(&update, Keys::Anywhere)),
            "UPDATE <table> AS target SET [a] = source.c1 FROM <rows> WHERE target.[id] = source.c0 \
             AND target.[b] IS NOT DISTINCT FROM source.c2 RETURNING source.nr::bigint"
        );
        assert_eq!(shown(&of_one_row(&update)), "UPDATE <table> SET [a] = #1 WHERE [id] = #0 AND [b] IS #2");
    }

    #[test]
    fn an_insert_names_its_columns() {
        let insert = request(Kind::Insert, 0, &["a", "b"]);
        assert_eq!(
            shown(&of_many_rows(&insert, Keys::Anywhere)),
            "INSERT INTO <table> ([a], [b]) SELECT source.c0, source.c1 FROM <rows>"
        );
        assert_eq!(shown(&of_one_row(&insert)), "INSERT INTO <table> ([a], [b]) VALUES (#0, #1)");
        let absent = request(Kind::InsertAbsent, 0, &["a"]);
        assert_eq!(
            shown(&of_one_row(&absent)),
            "INSERT INTO <table> ([a]) VALUES (#0) ON CONFLICT DO NOTHING"
        );
    }

    #[test]
    fn an_upsert_names_the_key_in_its_conflict() {
        let upsert = request(Kind::Upsert, 2, &["k", "l", "a"]);
        assert_eq!(
            shown(&of_one_row(&upsert)),
            "INSERT INTO <table> AS target ([k], [l], [a]) VALUES (#0, #1, #2) \
             ON CONFLICT ([k], [l]) DO UPDATE SET [a] = excluded.[a]"
        );
        let kept = request(Kind::InsertAbsent, 1, &["k", "a"]);
        assert_eq!(
            shown(&of_many_rows(&kept, Keys::Anywhere)),
            "INSERT INTO <table> ([k], [a]) SELECT source.c0, source.c1 FROM <rows> ON CONFLICT ([k]) DO NOTHING"
        );
    }
}
