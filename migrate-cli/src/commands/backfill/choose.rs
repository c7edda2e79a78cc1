//! Which backfill is meant when none is named.

use migrate_core::Migrator;
use migrate_core::connection::AnyConnection;
use migrate_core::runner::BackfillStatus;

use crate::error::{self, CommandError, ErrorKind, pages};
use crate::render::text::list;

/// Which backfill a command is about.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Chosen {
    /// Which: an id, the start of one, a label; not needed where only one fits
    #[arg(value_name = "REV")]
    revision: Option<String>,
}

impl Chosen {
    /// The backfill that was named, or the only one there is, or the only one for which it `fits` to be `done`
    /// something to, as in `paused`.
    pub(super) fn backfill(
        &self,
        migrator: &Migrator<AnyConnection>,
        connection: &mut AnyConnection,
        done: &str,
        fits: impl Fn(&BackfillStatus) -> bool,
    ) -> Result<String, CommandError> {
        let told = |error: migrate_core::runner::Error| error::running(&error, migrator.graph());
        if let Some(target) = &self.revision {
            return migrator.backfill(target).map(ToOwned::to_owned).map_err(told);
        }
        let all = migrator.backfills(connection).map_err(told)?;
        // Where there is only one, the command itself says why it cannot be, and what helps.
        if let [only] = all.as_slice() {
            return Ok(only.revision.clone());
        }
        let fitting: Vec<_> = all.iter().filter(|status| fits(status)).collect();
        match (fitting.as_slice(), all.as_slice()) {
            ([one], _) => Ok(one.revision.clone()),
            (_, []) => Err(CommandError::new(ErrorKind::Target, "no_backfill", "there are no backfills")
                .hint("`{program} new --backfill` makes the file of one")
                .hint(format_args!("how one is written: {}", pages::BACKFILLS))),
            ([], all) => Err(all
                .iter()
                .fold(
                    CommandError::new(
                        ErrorKind::Target,
                        "no_backfill",
                        format_args!("there is no backfill that can be {done} now"),
                    ),
                    |told, status| told.cause(format_args!("{} is {}", status.revision, status.state)),
                )
                .hint("`{program} backfill status <revision>` says what each of them needs")),
            (several, _) => {
                let ids: Vec<_> = several.iter().map(|status| status.revision.as_str()).collect();
                let message =
                    format!("{} backfills can be {done}, so name one: {}", ids.len(), list(&ids, 5));
                Err(CommandError::new(ErrorKind::Target, "several_backfills", message)
                    .hint("`{program} backfill list` shows how they stand"))
            }
        }
    }
}
