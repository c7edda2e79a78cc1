use migrate_core::prelude::*;

/// Create accounts
///
/// Who may log in, and what they have done.
#[migration(revision = "a1f0c0de0001")]
pub struct CreateAccounts;

impl Migration for CreateAccounts {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_enum(enum_type("account_state", ["new", "active", "closed"]))?;
        cx.create_table(
            table("accounts")
                .column(column("id", Serial))
                .column(
                    column("email", varchar(255)).not_null().comment(r#"as it was typed, "quotes" and all"#),
                )
                .column(
                    column("state", enum_type("account_state", ["new", "active", "closed"]))
                        .not_null()
                        .default("new"),
                )
                .column(column("score", Double).default("0.3"))
                .column(column("logins", Integer).not_null().default(0))
                .column(column("is_staff", Boolean).not_null().default(false))
                .column(column("note", Text).default(expression("'it''s new'")))
                .column(column("created_at", Timestamptz).not_null().default(now()))
                .column(column("seen_at", Timestamp).default(expression("CURRENT_TIMESTAMP")))
                .constraint(primary_key(["id"]).named("pk_accounts"))
                .constraint(check("logins >= 0").named("ck_accounts_logins"))
                .constraint(unique(["email"]).named("uq_accounts_email"))
                .comment("Who may log in"),
        )?;
        cx.create_index(index("ix_accounts_state").on("accounts", ["state"]))?;
        cx.create_table(
            table("events")
                .column(column("account_id", Integer).not_null())
                .column(column("number", BigInt).not_null())
                .column(column("kind", char(3)))
                .column(column("took", Interval))
                .primary_key(["account_id", "number"])
                .constraint(
                    foreign_key(["account_id"], "accounts", ["id"]).on_delete(Cascade).initially_deferred(),
                ),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.drop_table("events")?;
        cx.drop_index("ix_accounts_state", "accounts")?;
        cx.drop_table("accounts")?;
        // The type outlives its table.
        cx.drop_enum("account_state")
    }
}
