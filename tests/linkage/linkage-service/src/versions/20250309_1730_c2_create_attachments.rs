use migrate_core::prelude::*;

/// Create attachments
#[migration(revision = "c2", down_revision = "c1", depends_on = ["b1"])]
pub struct CreateAttachments;

impl Migration for CreateAttachments {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE attachments (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE attachments")
    }
}
