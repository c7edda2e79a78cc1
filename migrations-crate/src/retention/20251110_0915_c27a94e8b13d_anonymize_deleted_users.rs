use migrate_core::prelude::*;

/// Anonymize deleted users
///
/// Deleting an account used to leave the address and the name in place. Their conversations stay.
#[migration(
    revision = "c27a94e8b13d",
    down_revision = "3fa68b1d92e5",
    branch_labels = ["retention"],
    irreversible = "the names and addresses of deleted users are erased"
)]
pub struct AnonymizeDeletedUsers;

impl IrreversibleMigration for AnonymizeDeletedUsers {
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.execute(
            "UPDATE users
             SET email = 'deleted-' || id || '@invalid', display_name = '', email_verified = FALSE
             WHERE status = 'deleted'",
        )
    }
}
