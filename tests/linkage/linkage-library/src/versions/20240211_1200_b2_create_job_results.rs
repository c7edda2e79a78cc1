use migrate_core::prelude::*;

/// Create job results
#[migration(revision = "b2", down_revision = "b1")]
pub struct CreateJobResults;

impl Migration for CreateJobResults {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("CREATE TABLE job_results (id INTEGER PRIMARY KEY)")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE job_results")
    }
}
