use migrate_core::prelude::*;

/// Create planets
#[migration(revision = "1d5b0e94c7a2")]
pub struct CreatePlanets;

impl Migration for CreatePlanets {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("planets")
                .column(column("id", BigInt).identity().primary_key())
                .column(column("name", Text).not_null().unique())
                .column(column("moons", Integer).not_null().default(0)),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table("planets")
    }
}
