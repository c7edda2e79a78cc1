use migrate_core::prelude::*;

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_normalized -> Nullable<Text>,
    }
}

fn key(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, users::email).rows([("1", "a@b.c")]).execute(conn)
}

fn nullable(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, users::email_normalized).rows([(1, Some(2_i32))]).execute(conn)
}

fn null(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, users::email).rows([(1, Some("a@b.c"))]).execute(conn)
}

fn main() {}
