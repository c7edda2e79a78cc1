use migrate_core::prelude::*;

/// Create people
#[migration(revision = "f0aa00000001")]
pub struct CreatePeople;

impl Migration for CreatePeople {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, initial text, length integer);
             WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 25)
             INSERT INTO people (id, name) SELECT n, 'person ' || n FROM numbers",
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TABLE people")
    }
}
