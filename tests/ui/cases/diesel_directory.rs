mod missing {
    migrate_core::migrations!("dirs/after_sql", diesel = "dirs/sql_mising");
}

mod empty {
    migrate_core::migrations!("dirs/after_sql", diesel = "dirs/sql_empty");
}

mod itself {
    migrate_core::migrations!("dirs/after_sql", diesel = "dirs/sql_twice/20240101_create_users");
}

mod twice {
    migrate_core::migrations!("dirs/after_sql", diesel = "dirs/sql_twice");
}

mod no_such_argument {
    migrate_core::migrations!("dirs/after_sql", disel = "dirs/sql_twice");
}

mod not_a_text {
    migrate_core::migrations!("dirs/after_sql", diesel = sql);
}

mod neither {
    migrate_core::migrations!("dirs/versoins", diesel = "dirs/sql_twice");
}

fn main() {}
