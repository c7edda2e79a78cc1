use migrate_core::prelude::*;

/// Create exports
#[migration(revision = "c3", down_revision = "c2", depends_on = ["jobs"])]
pub struct CreateExports;

impl Migration for CreateExports {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE exports (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE exports")
    }
}
