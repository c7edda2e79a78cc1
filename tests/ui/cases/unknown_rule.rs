use migrate_core::prelude::*;

#[migration(revision = "abc123", allow(drop_colum, set_not_null, reason = "the table is small"))]
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
