use migrate_core::prelude::*;

/// Create releases
#[migration(revision = "b7a1d3e5c902")]
pub struct CreateReleases;

impl Migration for CreateReleases {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("releases")
                .column(column("name", Text).not_null())
                .column(column("version", Text).not_null())
                .column(column("summary", Text))
                .primary_key(["name", "version"]),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
