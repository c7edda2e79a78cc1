use migrate_core::prelude::*;

/// Add email_key to readers
#[migration(revision = "5d2c7e90a1b4", down_revision = "20240910163305")]
pub struct AddEmailKey;

impl Migration for AddEmailKey {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("readers", column("email_key", Text))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_column("readers", "email_key")
    }
}
