use migrate_core::prelude::*;

diesel::table! {
    account (id) {
        id -> BigInt,
        email -> Text,
        robot -> Bool,
    }
}

diesel::table! {
    robotaccounttoken (robot_account_id) {
        robot_account_id -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(account, robotaccounttoken);

/// Drop the plain texts of the secrets
///
/// The constraints, and the count at the end, are the gate: they fail, and with them everything here, as long as a single secret is nowhere
/// but in its plain text. Those that the backfills put aside are among them.
#[migration(
    revision = "c059b952ed76",
    down_revision = "a4b1e70c92f5",
    irreversible = "the plain texts of the secrets are erased"
)]
pub struct DropPlainSecrets;

impl IrreversibleMigration for DropPlainSecrets {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.alter_table("accesstoken", |tokens| {
            tokens
                .alter_column("token_name", alter().type_(Text).was(column("token_name", Text)).not_null())
                .alter_column(
                    "token_code",
                    alter().type_(Binary).was(column("token_code", Binary)).not_null(),
                )
                .add_constraint(
                    check("code IS NULL OR token_name = substr(code, 1, 32)").named("accesstoken_is_split"),
                );
        })?;
        cx.drop_constraint("accesstoken_is_split", "accesstoken")?;
        cx.drop_column("accesstoken", "code")?;
        cx.drop_trigger("account_forget_robot_token", "account")?;
        if cx.dialect() == Dialect::Postgres {
            cx.drop_function("forget_robot_token")?;
        }
        cx.data("erase what is encrypted", erase)
    }
}

/// Erases the passwords that are encrypted, whatever was written meanwhile, and looks whether there are others.
fn erase(conn: &mut super::Connection) -> Result<()> {
    let encrypted = robotaccounttoken::table.select(robotaccounttoken::robot_account_id);
    let robots = account::table.filter(account::robot.eq(true));
    diesel::update(robots.filter(account::id.eq_any(encrypted))).set(account::email.eq("")).execute(conn)?;
    match robots.filter(account::id.ne_all(encrypted)).count().get_result::<i64>(conn)? {
        0 => Ok(()),
        count => Err(BodyError::new(format_args!("{count} robots have no encrypted password"))),
    }
}
