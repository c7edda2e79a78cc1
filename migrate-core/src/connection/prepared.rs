use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Nullable, Text};

/// A statement that Diesel may keep prepared, which `sql_query` never lets it.
///
/// `$1`, `$2`, … stand for the binds, as often as one likes; each place becomes a parameter of its own.
pub(super) struct Prepared<'b> {
    pub(super) sql: &'b str,
    pub(super) binds: &'b [Option<&'b str>],
}

impl<'b, DB> QueryFragment<DB> for Prepared<'b>
where
    DB: Backend + HasSqlType<Text>,
    Option<&'b str>: ToSql<Nullable<Text>, DB>,
{
    fn walk_ast<'a>(&'a self, mut out: AstPass<'_, 'a, DB>) -> QueryResult<()> {
        for piece in pieces(self.sql) {
            match piece {
                Piece::Text(text) => out.push_sql(text),
                Piece::Bind(number) => match self.binds.get(number.wrapping_sub(1)) {
                    Some(bind) => out.push_bind_param::<Nullable<Text>, _>(bind)?,
                    None => return Err(diesel::result::Error::NotFound),
                },
            }
        }
        Ok(())
    }
}

impl QueryId for Prepared<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'s> {
    Text(&'s str),
    Bind(usize),
}

/// Takes a statement apart at its placeholders; a `$1` within a quoted name is part of the name.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut in_name) = (0, false);
    for (at, byte) in sql.bytes().enumerate() {
        match byte {
            b'"' => in_name = !in_name,
            b'$' if !in_name => {
                let digits = sql[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
                if let Ok(number) = sql[at + 1..=at + digits].parse() {
                    pieces.extend([Piece::Text(&sql[from..at]), Piece::Bind(number)]);
                    from = at + 1 + digits;
                }
            }
            _ => {}
        }
    }
    pieces.push(Piece::Text(&sql[from..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn placeholders_are_found_and_names_left_alone() {
        use Piece::{Bind, Text};
        assert_eq!(
            pieces(r#"UPDATE "a$1" SET b = $12 WHERE c = $2$"#),
            [Text(r#"UPDATE "a$1" SET b = "#), Bind(12), Text(" WHERE c = "), Bind(2), Text("$")]
        );
        assert_eq!(pieces("SELECT 1"), [Text("SELECT 1")]);
    }
}
