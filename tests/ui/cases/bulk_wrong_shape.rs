use migrate_core::prelude::*;

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        email_normalized -> Nullable<Text>,
    }
}

fn flat(conn: &mut AnyConnection) -> Result<()> {
    bulk_update(users::table, users::id, (users::email, users::email_normalized))
        .rows([(1, "a@b.c", Some("a@b.c"))])
        .execute(conn)
}

fn short(conn: &mut AnyConnection) -> Result<()> {
    bulk_insert(users::table, (users::id, users::email)).rows([(1, "a@b.c", None::<String>)]).execute(conn)
}

fn main() {}
