use migrate_core::prelude::*;

/// Require users.email_copy
#[migration(revision = "bf0000000003", down_revision = "bf0000000002")]
pub struct RequireUsersEmailCopy;

impl Migration for RequireUsersEmailCopy {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.set_not_null("users", "email_copy")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_not_null("users", "email_copy")
    }
}
