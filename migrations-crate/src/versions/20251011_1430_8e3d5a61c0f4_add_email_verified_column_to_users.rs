use migrate_core::prelude::*;

/// Add email_verified column to users
///
/// The default makes the column safe to add while the old application still inserts users without it.
#[migration(revision = "8e3d5a61c0f4", down_revision = "4b1f0c7a92de")]
pub struct AddEmailVerifiedColumnToUsers;

impl Migration for AddEmailVerifiedColumnToUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE users ADD COLUMN email_verified BOOLEAN NOT NULL DEFAULT FALSE")?;
        cx.execute("CREATE INDEX idx_users_email_verified ON users (email_verified)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        // The index first: SQLite does not drop a column that an index uses.
        cx.execute("DROP INDEX idx_users_email_verified")?;
        cx.execute("ALTER TABLE users DROP COLUMN email_verified")
    }
}
