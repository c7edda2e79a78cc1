use migrate_core::prelude::*;

/// Make releases.is_prerelease NOT NULL
///
/// Fails while a version is undecided. Outside a transaction, so that the table is not locked while its rows are looked
/// at.
#[migration(revision = "e15d40b7a6c3", down_revision = "4490777c984f", transaction = false)]
pub struct IsPrereleaseNotNull;

impl Migration for IsPrereleaseNotNull {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.set_default("releases", "is_prerelease", false)?;
        cx.safely().set_not_null("releases", "is_prerelease")
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_not_null("releases", "is_prerelease")?;
        cx.drop_default("releases", "is_prerelease")
    }
}
