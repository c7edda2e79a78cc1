use migrate_core::prelude::*;

#[migration(
    revision = "abc123",
    allow(drop_column),
    allow(drop_column, reason = " "),
    allow(reason = "small"),
    allow = "drop_column",
    allow("drop_column"),
)]
struct DropName;

impl Migration for DropName {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
