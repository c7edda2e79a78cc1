use migrate_core::prelude::*;

diesel::table! {
    planets (id) {
        id -> BigInt,
        name -> Text,
    }
}

const INNER: [&str; 4] = ["Mercury", "Venus", "Earth", "Mars"];

/// Add the inner planets
///
/// Diesel's queries are written as on any of its connections: the wrapper is one.
#[migration(revision = "7e20c4d8b163", down_revision = "1d5b0e94c7a2")]
pub struct AddTheInnerPlanets;

impl Migration for AddTheInnerPlanets {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.data("add the inner planets", |connection| {
            let rows = INNER.map(|name| planets::name.eq(name));
            diesel::insert_into(planets::table).values(&rows[..]).execute(connection)?;
            Ok(())
        })
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.data("remove the inner planets", |connection| {
            diesel::delete(planets::table.filter(planets::name.eq_any(INNER))).execute(connection)?;
            Ok(())
        })
    }
}
