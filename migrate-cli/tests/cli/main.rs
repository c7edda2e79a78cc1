//! The program as a person sees it: arguments in; stdout, stderr and exit code out.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

mod adopting;
mod backfills;
mod deferred;
mod drawing;
mod errors;
mod existing;
#[cfg(feature = "adopt-alembic")]
mod from_alembic;
mod init;
mod newcomers;
mod offline;
mod reading;
mod rehearsed;
mod running;
mod safety;
mod sql_directory;
mod writing;

mod project;

/// The connection type of the migrations below.
pub type Connection = migrate_core::AnyConnection;

/// Three revisions in a row.
mod chain {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/chain");
}

/// Two branches from one base.
mod forked {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/forked");
}

/// One that is irreversible, and one that fails.
mod rough {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/rough");
}

/// What safety rules have something to say about.
mod hazards {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/hazards");
}

/// A table and two backfills of it.
mod filling {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/filling");
}

/// A backfill as `new --backfill` writes it, its names filled in, and what is before and behind it.
mod backfilled {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/backfilled");
}

/// What `adopt --from` writes of `from/sqlx`.
mod adopted_sqlx {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/adopted/sqlx");
}

/// What `adopt --from` writes of `from/refinery`.
mod adopted_refinery {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/adopted/refinery");
}

/// What `adopt --from` writes of `from/sea_orm`.
mod adopted_sea_orm {
    #![expect(unreachable_pub, reason = "written as in a crate of their own")]
    migrate_core::migrations!("tests/cli/adopted/sea_orm");
}
