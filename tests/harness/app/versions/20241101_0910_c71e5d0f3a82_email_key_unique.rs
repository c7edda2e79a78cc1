use migrate_core::prelude::*;

/// Make readers.email_key unique
#[migration(revision = "c71e5d0f3a82", down_revision = "8f03b6aa21d9")]
pub struct EmailKeyUnique;

impl Migration for EmailKeyUnique {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_index(index("readers_by_email_key").on("readers", ["email_key"]).unique())
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_index("readers_by_email_key", "readers")
    }
}
