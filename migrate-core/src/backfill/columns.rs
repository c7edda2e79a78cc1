use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::serialize::ToSql;
use diesel::sql_types::HasSqlType;

/// Columns that together hold a key `K`, as a tuple holds its values: what [`Span::contains_row`] compares.
///
/// [`Span::contains_row`]: super::Span::contains_row
pub trait KeyColumns<K, DB: Backend> {
    /// Writes `(a, b)`.
    fn walk_columns<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()>;

    /// Writes `($1, $2)`.
    fn walk_key<'b>(&self, key: &'b K, out: AstPass<'_, 'b, DB>) -> QueryResult<()>;
}

macro_rules! key_columns {
    ($($column:ident $value:ident $at:tt),+) => {
        impl<$($column, $value,)+ DB> KeyColumns<($($value,)+), DB> for ($($column,)+)
        where
            $($column: Expression + QueryFragment<DB>, $value: ToSql<$column::SqlType, DB>,)+
            DB: Backend $(+ HasSqlType<$column::SqlType>)+,
        {
            fn walk_columns<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                $(
                    out.push_sql(if $at == 0 { "(" } else { ", " });
                    self.$at.walk_ast(out.reborrow())?;
                )+
                out.push_sql(")");
                Ok(())
            }

            fn walk_key<'b>(&self, key: &'b ($($value,)+), mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
                $(
                    out.push_sql(if $at == 0 { "(" } else { ", " });
                    out.push_bind_param::<$column::SqlType, $value>(&key.$at)?;
                )+
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

key_columns!(A X 0, B Y 1);
key_columns!(A X 0, B Y 1, C Z 2);
key_columns!(A X 0, B Y 1, C Z 2, D W 3);
