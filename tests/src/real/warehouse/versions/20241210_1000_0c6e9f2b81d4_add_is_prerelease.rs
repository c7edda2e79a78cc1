use migrate_core::prelude::*;

/// Add releases.is_prerelease
///
/// NULL says that nobody has looked at the version yet. The code that is deployed after this revision fills the column
/// for new releases; the code before it does not know the column and leaves NULL.
#[migration(revision = "0c6e9f2b81d4", down_revision = "b7a1d3e5c902")]
pub struct AddIsPrerelease;

impl Migration for AddIsPrerelease {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("releases", column("is_prerelease", Boolean))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
