use migrate_core::prelude::*;

/// Add email_verified column to users
#[migration(revision = "b2c3d4e5f6a7", down_revision = "a1b2c3d4e5f6")]
pub struct AddEmailVerified;

impl Migration for AddEmailVerified {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE users ADD COLUMN email_verified BOOLEAN NOT NULL DEFAULT FALSE")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("ALTER TABLE users DROP COLUMN email_verified")
    }
}
