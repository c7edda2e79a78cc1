use migrate_core::prelude::*;

/// 02 add keys
#[migration(revision = "bbb222", down_revision = ["aaa111", "fed654", "abc132"])]
pub struct AddKeys;

impl Migration for AddKeys {
    type Connection = AnyConnection;

    fn up(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }

    fn down(&self, _: &mut Context<'_, AnyConnection>) -> Result<()> {
        Ok(())
    }
}
