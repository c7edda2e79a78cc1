use migrate_core::prelude::*;

/// Teams, and what accounts say of themselves
#[migration(revision = "b2f0c0de0002", down_revision = "a1f0c0de0001")]
pub struct TeamsAndWhatAccountsSayOf;

impl Migration for TeamsAndWhatAccountsSayOf {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        // Make teams, then let accounts belong to them.
        //
        // The order matters.

        cx.create_table(
            table("teams")
                .column(column("id", BigSerial).primary_key())
                .column(column("slug", varchar(40)).not_null().unique())
                .column(column("rank", SmallInt).check("rank > 0"))
                .column(column("owner_id", Integer))
                .constraint(foreign_key(["owner_id"], "accounts", ["id"]).named("fk_teams_owner"))
                .index("ix_teams_owner_id", ["owner_id"]),
        )?;

        cx.add_column("accounts", column("team_id", BigInt).references("teams", "id").on_delete(SetNull))?;
        // public
        cx.add_column("accounts", column("handle", varchar(40)).default(""))?;
        cx.create_index(index("ix_accounts_handle").on("accounts", ["handle"]).unique())?;
        cx.add_column("accounts", column("joined_on", Date).default(expression("CURRENT_DATE")))?;
        cx.alter_column(
            "accounts",
            "logins",
            alter().type_(BigInt).was(column("logins", Integer).not_null()),
        )?;
        cx.alter_column("accounts", "note", alter().drop_default().comment("free text"))?;
        cx.rename_column("accounts", "note", "remark")?;
        cx.alter_column(
            "events",
            "kind",
            alter().type_(Integer).using("nullif(kind, '')::integer").not_null(),
        )?;
        cx.create_index(
            index("ix_accounts_lower_email").on("accounts", [key_expression("lower(email)")]).unique(),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(r#"DROP INDEX "ix_accounts_lower_email""#)?;
        cx.alter_column("events", "kind", alter().type_(char(3)).nullable())?;
        cx.alter_column("accounts", "remark", alter().default(expression("'it''s new'")).drop_comment())?;
        cx.rename_column("accounts", "remark", "note")?;
        cx.alter_column("accounts", "logins", alter().type_(Integer).was(column("logins", BigInt)))?;
        cx.drop_column("accounts", "joined_on")?;
        cx.drop_column("accounts", "handle")?;
        cx.drop_column("accounts", "team_id")?;
        cx.drop_table("teams")
    }
}
