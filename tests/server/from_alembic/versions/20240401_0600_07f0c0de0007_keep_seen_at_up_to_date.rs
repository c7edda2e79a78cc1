use migrate_core::prelude::*;

/// Keep seen_at up to date
#[migration(revision = "07f0c0de0007", down_revision = "f6f0c0de0006")]
pub struct KeepSeenAtUpToDate;

impl Migration for KeepSeenAtUpToDate {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            r#"CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.seen_at := now();  -- "now"; no later
        RETURN NEW;
    END
    $$"#,
        )?;
        cx.execute("CREATE TRIGGER touch BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touch()")?;
        cx.execute(r#"UPDATE accounts SET remark = '{"a":1}' WHERE remark = '12:30'"#)
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute("DROP TRIGGER touch ON accounts")?;
        cx.execute("DROP FUNCTION touch()")
    }
}
