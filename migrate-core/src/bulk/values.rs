use std::fmt;
use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::sql_types::SqlType;

use super::tuples::for_each_tuple;

/// The shape of one column of the SQL type `ST`.
#[derive(Debug)]
pub struct One<ST>(PhantomData<ST>);

/// The shape of a row of a key and values.
#[derive(Debug)]
pub struct Keyed<K, V>(PhantomData<(K, V)>);

/// The shape of a row of a key, new values and values as they were read.
#[derive(Debug)]
pub struct KeyedAsRead<K, V, R>(PhantomData<(K, V, R)>);

/// Rust values that fit columns of the shape `S`.
///
/// One value for one column, a tuple for a tuple of columns, and for a row of a keyed write a pair of these: the
/// key, and what is written. Which Rust type fits which column is Diesel's to say ([`AsExpression`]).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit the columns of this bulk write",
    label = "this does not fit the columns",
    note = "a row of `bulk_update` and `bulk_upsert` is a pair: the key, and the value of the column or the tuple of \
            the columns' values",
    note = "a row of `bulk_insert` is the value of its column, or the tuple of its columns' values",
    note = "the columns are `{S}`"
)]
pub trait Values<S>: Sized {
    /// One buffer for each column.
    #[doc(hidden)]
    type Buffers;

    /// Empty buffers.
    #[doc(hidden)]
    fn buffers() -> Self::Buffers;

    /// Shows each value in the order of the columns.
    #[doc(hidden)]
    fn show(&self, to: &mut dyn FnMut(&dyn fmt::Debug));

    /// Moves each value into its column's buffer.
    #[doc(hidden)]
    fn put(self, buffers: &mut Self::Buffers);

    /// Takes the rows out of the buffers again.
    #[doc(hidden)]
    fn drain(buffers: &mut Self::Buffers) -> impl Iterator<Item = Self>;
}

/// Buffers whose columns can be sent to the server `DB`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "Diesel cannot send these values to the server `{DB}`: `{Self}`",
    label = "a value of this SQL type and this Rust type cannot be sent to `{DB}`",
    note = "to write on `AnyConnection`, Diesel must know the value on each server whose feature is on",
    note = "what only one server has is written on its own connection: name it as the migration's `Connection`, or match \
            on the variants of `AnyConnection`"
)]
pub trait Buffers<DB: Wire> {
    /// Lists the columns in their order.
    fn list<'a>(&'a self, columns: &mut Vec<&'a DB::Column<'a>>);
}

/// A server, by what it asks of a column's buffer.
#[doc(hidden)]
pub trait Wire: Backend {
    /// What is asked, as a trait object: here the value types end.
    type Column<'a>: ?Sized + 'a;
}

/// The values of one column, for some rows.
#[doc(hidden)]
#[derive(Debug)]
pub struct Cells<ST, V> {
    pub(super) values: Vec<V>,
    sql_type: PhantomData<ST>,
}

#[diagnostic::do_not_recommend]
impl<ST, V> Values<One<ST>> for V
where
    ST: SqlType + TypedExpressionType,
    V: AsExpression<ST> + fmt::Debug,
{
    type Buffers = Cells<ST, V>;

    fn buffers() -> Self::Buffers {
        Cells { values: Vec::new(), sql_type: PhantomData }
    }

    fn show(&self, to: &mut dyn FnMut(&dyn fmt::Debug)) {
        to(self);
    }

    fn put(self, buffers: &mut Self::Buffers) {
        buffers.values.push(self);
    }

    fn drain(buffers: &mut Self::Buffers) -> impl Iterator<Item = Self> {
        buffers.values.drain(..)
    }
}

macro_rules! tuples {
    ($(($value:ident $sql_type:ident $name:ident))+) => {
        #[diagnostic::do_not_recommend]
        impl<$($value, $sql_type),+> Values<($($sql_type,)+)> for ($($value,)+)
        where
            $($value: Values<One<$sql_type>>,)+
        {
            type Buffers = ($($value::Buffers,)+);

            fn buffers() -> Self::Buffers {
                ($($value::buffers(),)+)
            }

            fn show(&self, to: &mut dyn FnMut(&dyn fmt::Debug)) {
                let ($($name,)+) = self;
                $($name.show(to);)+
            }

            fn put(self, buffers: &mut Self::Buffers) {
                #[expect(non_snake_case, reason = "the values are named like their types")]
                let ($($value,)+) = self;
                let ($($name,)+) = buffers;
                $($value.put($name);)+
            }

            fn drain(buffers: &mut Self::Buffers) -> impl Iterator<Item = Self> {
                let ($($name,)+) = buffers;
                $(let mut $name = $value::drain($name);)+
                std::iter::from_fn(move || Some(($($name.next()?,)+)))
            }
        }

        impl<DB: Wire, $($value: Buffers<DB>),+> Buffers<DB> for ($($value,)+) {
            fn list<'a>(&'a self, columns: &mut Vec<&'a DB::Column<'a>>) {
                let ($($name,)+) = self;
                $($name.list(columns);)+
            }
        }
    };
}
for_each_tuple!(tuples);

#[diagnostic::do_not_recommend]
impl<K, V, A, B> Values<Keyed<K, V>> for (A, B)
where
    A: Values<K>,
    B: Values<V>,
{
    type Buffers = (A::Buffers, B::Buffers);

    fn buffers() -> Self::Buffers {
        (A::buffers(), B::buffers())
    }

    fn show(&self, to: &mut dyn FnMut(&dyn fmt::Debug)) {
        self.0.show(to);
        self.1.show(to);
    }

    fn put(self, buffers: &mut Self::Buffers) {
        self.0.put(&mut buffers.0);
        self.1.put(&mut buffers.1);
    }

    fn drain(buffers: &mut Self::Buffers) -> impl Iterator<Item = Self> {
        A::drain(&mut buffers.0).zip(B::drain(&mut buffers.1))
    }
}

#[diagnostic::do_not_recommend]
impl<K, V, R, A, B, C> Values<KeyedAsRead<K, V, R>> for (A, B, C)
where
    A: Values<K>,
    B: Values<V>,
    C: Values<R>,
{
    type Buffers = (A::Buffers, B::Buffers, C::Buffers);

    fn buffers() -> Self::Buffers {
        (A::buffers(), B::buffers(), C::buffers())
    }

    fn show(&self, to: &mut dyn FnMut(&dyn fmt::Debug)) {
        self.0.show(to);
        self.1.show(to);
        self.2.show(to);
    }

    fn put(self, buffers: &mut Self::Buffers) {
        self.0.put(&mut buffers.0);
        self.1.put(&mut buffers.1);
        self.2.put(&mut buffers.2);
    }

    fn drain(buffers: &mut Self::Buffers) -> impl Iterator<Item = Self> {
        let (keys, values, read) = buffers;
        let rest = B::drain(values).zip(C::drain(read));
        A::drain(keys).zip(rest).map(|(key, (value, read))| (key, value, read))
    }
}
