use diesel::expression::Expression;
use diesel::query_source::Column;

use super::tuples::for_each_tuple;
use super::values::One;

/// How one column implements [`ColumnList`], told apart from a tuple of columns for the compiler's sake.
#[derive(Debug)]
pub struct OfColumn;

/// How a tuple of columns implements [`ColumnList`].
#[derive(Debug)]
pub struct OfColumns;

/// A column of the table `T`, or a tuple of up to 32 of them.
///
/// `Form` is [`OfColumn`] or [`OfColumns`]; it is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of `{T}`, nor a tuple of its columns",
    label = "not a column of `{T}`"
)]
pub trait ColumnList<T, Form> {
    /// The SQL types, as [`Values`](super::Values) are checked against them.
    type Shape;

    /// The names in the database, in order.
    fn names() -> Vec<&'static str>;
}

#[diagnostic::do_not_recommend]
impl<T, C> ColumnList<T, OfColumn> for C
where
    C: Column<Table = T>,
{
    type Shape = One<<C as Expression>::SqlType>;

    fn names() -> Vec<&'static str> {
        vec![C::NAME]
    }
}

macro_rules! tuples {
    ($(($column:ident $sql_type:ident $name:ident))+) => {
        #[diagnostic::do_not_recommend]
        impl<T, $($column),+> ColumnList<T, OfColumns> for ($($column,)+)
        where
            $($column: Column<Table = T>,)+
        {
            type Shape = ($(<$column as Expression>::SqlType,)+);

            fn names() -> Vec<&'static str> {
                vec![$($column::NAME),+]
            }
        }
    };
}
for_each_tuple!(tuples);
