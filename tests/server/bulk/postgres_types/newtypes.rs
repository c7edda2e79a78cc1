//! Values whose bytes are written by hand, of types that Diesel knows and of those that only the database has.

use std::io::Write as _;

use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::pg::sql_types as pg;
use diesel::serialize::{IsNull, Output, ToSql, WriteTuple};
use diesel::sql_types::{Integer, Nullable, SqlType, Text};

/// Makes a value of a newtype of what its type looks like on the wire.
macro_rules! newtype {
    ($name:ident($inner:ty) as $sql_type:ty, $self:ident, $out:ident => $write:expr) => {
        #[derive(Debug, Clone, AsExpression)]
        #[diesel(sql_type = $sql_type)]
        pub(super) struct $name(pub(super) $inner);

        impl ToSql<$sql_type, Pg> for $name {
            fn to_sql<'b>(&'b $self, $out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
                $write?;
                Ok(IsNull::No)
            }
        }
    };
}

newtype!(Address([u8; 4]) as pg::Inet, self, out => out.write_all(&[2, 32, 0, 4]).and_then(|()| out.write_all(&self.0)));
newtype!(Network([u8; 4]) as pg::Cidr, self, out => out.write_all(&[2, 8, 1, 4]).and_then(|()| out.write_all(&self.0)));
newtype!(Id(u128) as pg::Uuid, self, out => out.write_all(&self.0.to_be_bytes()));
newtype!(Json(&'static str) as diesel::sql_types::Json, self, out => out.write_all(self.0.as_bytes()));
newtype!(Jsonb(String) as pg::Jsonb, self, out => out.write_all(&[1]).and_then(|()| out.write_all(self.0.as_bytes())));

#[derive(SqlType)]
#[diesel(postgres_type(name = "mood"))]
pub struct MoodType;
newtype!(Mood(&'static str) as MoodType, self, out => out.write_all(self.0.as_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "Weather \"today\"", schema = "Odd schema"))]
pub struct WeatherType;
newtype!(Weather(&'static str) as WeatherType, self, out => out.write_all(self.0.as_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "positive"))]
pub struct PositiveType;
newtype!(Positive(i32) as PositiveType, self, out => out.write_all(&self.0.to_be_bytes()));

#[derive(SqlType)]
#[diesel(postgres_type(name = "point3"))]
pub struct PointType;

#[derive(Debug, Clone, AsExpression)]
#[diesel(sql_type = PointType)]
pub(super) struct Point(pub(super) i32, pub(super) Option<&'static str>);

impl ToSql<PointType, Pg> for Point {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> diesel::serialize::Result {
        WriteTuple::<(Integer, Nullable<Text>)>::write_tuple(&(self.0, self.1), out)
    }
}
