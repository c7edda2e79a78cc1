#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub, unused_qualifications, warnings)]
//! Each argument in each form.

use migrate_core::Migration as _;
use migrate_core::registry::AnyEntry as _;

/// The migrations.
pub mod versions {
    use migrate_core::prelude::*;

    /// Add users
    ///
    /// The first line alone is the message.
    #[migration(revision = "abc123")]
    pub struct AddUsers;

    impl Migration for AddUsers {
        type Connection = AnyConnection;

        fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }

        fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }
    }

    #[migration(
        revision = "def456",
        down_revision = ["abc123", r"aaa111"],
        depends_on = "bbb222",
        branch_labels = ["billing", "money"],
        message = "drop users",
        transaction = false,
        irreversible = "the old rows are gone",
        allow(drop_column, drop_table, reason = "nobody uses them any more"),
        allow(set_not_null, reason = "the table is small"),
        crate = migrate_core,
    )]
    struct DropUsers;

    impl IrreversibleMigration for DropUsers {
        type Connection = AnyConnection;

        fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }
    }

    #[migration(revision = "fff000", down_revision = None, depends_on = [], branch_labels = "single")]
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Silent;

    impl Migration for Silent {
        type Connection = AnyConnection;

        fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }

        fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
            Ok(())
        }
    }
}

fn main() {
    let first = versions::__MIGRATION_ENTRY_AddUsers.declaration();
    assert_eq!((first.revision, first.message, first.transaction), ("abc123", "Add users", true));
    assert_eq!((first.struct_name, first.line), ("AddUsers", 15));
    assert!(first.file.ends_with("every_argument.rs"), "{}", first.file);
    assert!(first.down_revisions.is_empty() && first.irreversible.is_none());
    assert_eq!(first.checksum.map(str::len), Some(64));

    let second = versions::__MIGRATION_ENTRY_DropUsers.declaration();
    assert_eq!(second.down_revisions, ["abc123", "aaa111"]);
    assert_eq!((second.depends_on, second.branch_labels), (&["bbb222"][..], &["billing", "money"][..]));
    assert_eq!((second.message, second.transaction), ("drop users", false));
    assert_eq!(second.irreversible, Some("the old rows are gone"));
    assert_eq!(second.allow.len(), 3);
    assert_eq!((second.allow[1].rule, second.allow[1].reason), ("drop-table", "nobody uses them any more"));

    let third = versions::__MIGRATION_ENTRY_Silent.declaration();
    assert_eq!((third.message, third.branch_labels), ("", &["single"][..]));

    assert_eq!(migrate_core::registry::linked().count(), 3);
    let _ = versions::AddUsers::up;
}
