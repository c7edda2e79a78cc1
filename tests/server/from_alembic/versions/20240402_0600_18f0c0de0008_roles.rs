use migrate_core::prelude::*;

/// Roles
#[migration(
    revision = "18f0c0de0008",
    down_revision = "07f0c0de0007",
    transaction = false,
    irreversible = "a value of an enum type cannot be taken back"
)]
pub struct Roles;

impl IrreversibleMigration for Roles {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("roles")
                .column(column("id", Integer).identity_always().primary_key())
                .column(column("slug", varchar(30)).not_null())
                .column(column("level", SmallInt))
                .column(column("is_open", Boolean).default(true)),
        )?;
        cx.bulk_insert(
            rows("roles", ["slug", "level", "is_open"]).row(("admin", 10, false)).row(("it's", Null, true)),
        )?;
        cx.execute("ALTER TYPE account_state ADD VALUE 'paused' AFTER 'active'")?;
        cx.create_index(index("ix_roles_slug").on("roles", ["slug"]).unique().concurrently())?;
        cx.rename_table("events", "happenings")?;
        cx.comment_on_table("roles", "Who may do what")
    }
}
