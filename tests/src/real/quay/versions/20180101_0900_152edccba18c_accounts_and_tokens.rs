use migrate_core::prelude::*;

/// Create accounts and access tokens
///
/// A robot is an account whose password stands in its email.
#[migration(revision = "152edccba18c")]
pub struct CreateAccountsAndTokens;

impl Migration for CreateAccountsAndTokens {
    type Connection = super::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table(
            table("account")
                .column(column("id", BigInt).primary_key())
                .column(column("username", Text).not_null().unique())
                .column(column("email", Text).not_null())
                .column(column("robot", Boolean).not_null().default(false)),
        )?;
        cx.create_table(
            table("accesstoken")
                .column(column("id", BigInt).primary_key())
                .column(column("code", Text).unique())
                .column(column("friendly_name", Text)),
        )
    }

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.revert(|cx| self.up(cx))
    }
}
