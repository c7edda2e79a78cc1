use diesel::sql_types::Text;
use migrate_core::prelude::*;

diesel::table! {
    use diesel::sql_types::*;

    posts (id) {
        id -> BigInt,
        tags -> Array<Text>,
    }
}

fn any(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(posts::table, posts::id, posts::tags).rows([(1, vec!["a"])]).execute(conn)
}

fn one(conn: &mut diesel::PgConnection) -> Result<()> {
    bulk_update(posts::table, posts::id, posts::tags).rows([(1, vec!["a"])]).execute(conn)
}

#[derive(Debug, diesel::expression::AsExpression)]
#[diesel(sql_type = Text)]
struct Unsendable;

fn nowhere(conn: &mut diesel::SqliteConnection) -> Result<()> {
    use self::users::dsl::*;
    bulk_update(users, id, email).rows([(1, Unsendable)]).execute(conn)
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
    }
}

fn main() {}
