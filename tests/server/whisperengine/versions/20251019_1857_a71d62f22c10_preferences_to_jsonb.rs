use migrate_core::prelude::*;

/// Turn universal_users.preferences from text into jsonb
#[migration(revision = "a71d62f22c10", down_revision = ["336ce8830dfe", "20251019_conv_summaries"])]
pub struct PreferencesToJsonb;

impl Migration for PreferencesToJsonb {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.alter_column(
            "universal_users",
            "preferences",
            alter()
                .type_(Jsonb)
                .using(sql("preferences::jsonb").undo("preferences::text"))
                .default("{}")
                .was(column("preferences", Text).default("{}")),
        )?;
        cx.create_index(
            index("idx_universal_users_preferences_gin").on("universal_users", ["preferences"]).gin(),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
