use migrate_core::prelude::*;

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_normalized -> Nullable<Text>,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        title -> Text,
    }
}

fn update(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, posts::title).rows([(1, "a")]).execute(conn)
}

fn insert(conn: &mut AnyConnection) -> Result<()> {
    bulk_insert(users::table, (users::id, posts::title)).rows([(1, "a")]).execute(conn)
}

fn main() {}
