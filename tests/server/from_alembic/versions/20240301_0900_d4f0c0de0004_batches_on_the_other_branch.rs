use migrate_core::prelude::*;

/// Batches, on the other branch
#[migration(
    revision = "d4f0c0de0004",
    down_revision = "b2f0c0de0002",
    depends_on = ["reports"],
    branch_labels = ["batches"]
)]
pub struct BatchesOnTheOtherBranch;

impl Migration for BatchesOnTheOtherBranch {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.alter_table("teams", |table| {
            table
                .add_column(column("motto", varchar(100)))
                .alter_column("slug", alter().type_(varchar(60)).was(column("slug", varchar(40)).not_null()))
                // not everybody has one
                .drop_constraint("fk_teams_owner")
                .add_constraint(
                    foreign_key(["owner_id"], "accounts", ["id"])
                        .named("fk_teams_owner_id_accounts")
                        .on_delete(Restrict)
                        .on_update(Cascade),
                )
                .add_constraint(unique(["motto", "rank"]).named("uq_teams_motto"))
                .add_constraint(check("motto <> ''").named("ck_teams_motto"));
        })?;
        cx.create_index(index("ix_teams_motto").on("teams", ["motto"]))?;

        cx.alter_column("teams", "rank", alter().not_null().default("1"))?;
        cx.rename_column("teams", "rank", "place")?;
        cx.alter_column("teams", "slug", alter().comment("in addresses"))
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.alter_column("teams", "place", alter().nullable().drop_default())?;
        cx.rename_column("teams", "place", "rank")?;
        cx.alter_column("teams", "slug", alter().drop_comment())?;

        cx.drop_index("ix_teams_motto", "teams")?;
        cx.alter_table("teams", |table| {
            table
                .drop_constraint("ck_teams_motto")
                .drop_constraint("uq_teams_motto")
                .drop_constraint("fk_teams_owner_id_accounts")
                .add_constraint(foreign_key(["owner_id"], "accounts", ["id"]).named("fk_teams_owner"))
                .alter_column("slug", alter().type_(varchar(40)).was(column("slug", varchar(60))))
                .drop_column("motto");
        })
    }
}
