use migrate_core::prelude::*;

/// create users
#[migration(revision = "20240501120000")]
pub struct CreateUsers;

impl Migration for CreateUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            r#"
-- Users, with a name that is shown.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    "name" TEXT NOT NULL
);
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL DEFAULT 'a\b');
"#,
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "
DROP TABLE notes;
DROP TABLE users;
",
        )
    }
}
