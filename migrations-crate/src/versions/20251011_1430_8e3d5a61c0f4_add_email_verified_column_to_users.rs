use migrate_core::prelude::*;

/// Add email_verified column to users
///
/// The default makes the column safe to add while the old application still inserts users without it.
#[migration(revision = "8e3d5a61c0f4", down_revision = "4b1f0c7a92de")]
pub struct AddEmailVerifiedColumnToUsers;

impl Migration for AddEmailVerifiedColumnToUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("users", column("email_verified", Boolean).not_null().default(false))?;
        cx.create_index(index("idx_users_email_verified").on("users", ["email_verified"]))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_index("idx_users_email_verified", "users")?;
        cx.drop_column("users", "email_verified")
    }
}
