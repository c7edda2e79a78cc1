use migrate_core::prelude::*;

/// Merge batches and partitions
#[migration(
    revision = "f6f0c0de0006",
    down_revision = ["d4f0c0de0004", "e5f0c0de0005"]
)]
pub struct MergeBatchesAndPartitions;

impl Migration for MergeBatchesAndPartitions {
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }
}
