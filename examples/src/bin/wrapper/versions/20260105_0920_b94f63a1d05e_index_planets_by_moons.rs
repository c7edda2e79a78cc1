use migrate_core::prelude::*;

/// Index planets by moons
#[migration(revision = "b94f63a1d05e", down_revision = "7e20c4d8b163", transaction = false)]
pub struct IndexPlanetsByMoons;

impl Migration for IndexPlanetsByMoons {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_index(index("idx_planets_moons").on("planets", ["moons"]).concurrently())
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
