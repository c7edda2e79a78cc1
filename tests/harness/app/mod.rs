//! The Diesel application of `fixtures/diesel-app`, gone on with: its SQL migrations and typed revisions on top.
//!
//! Once for each type of connection that a migrations crate may name.

pub(super) mod start;

/// An application on PostgreSQL.
pub mod postgres {
    #![expect(unreachable_pub, reason = "written as in a crate of its own")]
    pub type Connection = diesel::PgConnection;
    migrate_core::migrations!("harness/app/versions", diesel = "fixtures/diesel-app/postgres");
}

/// An application on SQLite.
pub mod sqlite {
    #![expect(unreachable_pub, reason = "written as in a crate of its own")]
    pub type Connection = diesel::SqliteConnection;
    migrate_core::migrations!("harness/app/versions", diesel = "fixtures/diesel-app/sqlite");
}

/// The same on the connection that takes any server; the path is absolute once it is joined.
pub mod any_postgres {
    #![expect(unreachable_pub, reason = "written as in a crate of its own")]
    pub type Connection = migrate_core::AnyConnection;
    migrate_core::migrations!("harness/app/versions", diesel = "./fixtures/../fixtures/diesel-app/postgres/");
}

/// And for SQLite.
pub mod any_sqlite {
    #![expect(unreachable_pub, reason = "written as in a crate of its own")]
    pub type Connection = migrate_core::AnyConnection;
    migrate_core::migrations!("harness/app/versions", diesel = "fixtures/diesel-app/sqlite");
}
