use migrate_core::prelude::*;

/// Rename users.name to display_name
///
/// In one step, so it is deployed together with the application that uses the new name. A service that may
/// not stop adds the new column, fills it, and drops the old one: three revisions and two deployments.
#[migration(revision = "b30c9f57e6d2", down_revision = "79b8e2d1a05f")]
pub struct RenameUsersNameToDisplayName;

impl Migration for RenameUsersNameToDisplayName {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.rename_column("users", "name", "display_name")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.rename_column("users", "display_name", "name")
    }
}
