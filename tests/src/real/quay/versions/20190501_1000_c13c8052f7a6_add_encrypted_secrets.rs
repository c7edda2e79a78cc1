use migrate_core::prelude::*;

/// Add what holds the secrets in encrypted form
///
/// The code that is deployed after this revision writes both forms; the code before it knows the plain texts alone.
/// When that one gives a robot another password, a trigger takes the encrypted one away, so that it is made anew. A
/// token needs none: its new code does not begin with its name any more.
#[migration(revision = "c13c8052f7a6", down_revision = "152edccba18c")]
pub struct AddEncryptedSecrets;

impl Migration for AddEncryptedSecrets {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.add_column("accesstoken", column("token_name", Text))?;
        cx.add_column("accesstoken", column("token_code", Binary))?;
        cx.create_index(index("accesstoken_token_name").on("accesstoken", ["token_name"]).unique())?;
        cx.create_table(
            table("robotaccounttoken")
                .column(
                    column("robot_account_id", BigInt)
                        .primary_key()
                        .references("account", "id")
                        .on_delete(Cascade),
                )
                .column(column("token", Binary).not_null()),
        )?;
        if cx.dialect() == Dialect::Postgres {
            let body = format!("BEGIN {FORGET}; RETURN NULL; END");
            cx.create_function(
                function("forget_robot_token", "").returns("trigger").language("plpgsql").body(body),
            )?;
        }
        cx.create_trigger(
            trigger("account_forget_robot_token")
                .after()
                .update_of(["email"])
                .on("account")
                .when("NEW.email <> OLD.email")
                .execute(per_dialect().postgres("forget_robot_token()").sqlite(FORGET)),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}

const FORGET: &str = "DELETE FROM robotaccounttoken WHERE robot_account_id = NEW.id";
