use migrate_core::prelude::*;

/// Merge memory and moderation
///
/// Joins the two branches into one head. A merge has nothing to do of its own.
#[migration(revision = "79b8e2d1a05f", down_revision = ["2d97b5c0f4a6", "e64f10a8d3c5"])]
pub struct MergeMemoryAndModeration;

impl Migration for MergeMemoryAndModeration {
    type Connection = crate::Connection;

    fn up(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        Ok(())
    }
}
