use migrate_core::prelude::*;

/// Create the job queue
#[migration(revision = "b1", branch_labels = ["jobs"])]
pub struct CreateJobs;

impl Migration for CreateJobs {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE jobs")
    }
}
