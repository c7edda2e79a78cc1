//! The arguments that every command takes.

use std::time::Duration;

use clap::{ColorChoice, Parser, ValueEnum};
use migrate_core::connection::{AnyConnection, Dialect};
use migrate_core::runner::{LockMode, Throttle};
use migrate_core::safety::Levels;
use migrate_core::{Migrator, Options};

use crate::commands::Command;
use crate::error::pages::SAFETY;
use crate::exit_code;
use crate::settings::Database;

/// What `--help` says about finding the database, about targets and rules.
fn database_help() -> String {
    format!(
        "\
Database, the first of:
  --database-url URL
  DATABASE_URL
  POSTGRES_HOST, POSTGRES_PORT, POSTGRES_DB, POSTGRES_USER, POSTGRES_PASSWORD
  the same variables in .env, in this directory or above
  sqlite://migrate.db

Targets:
  heads, base            everything, nothing
  4f1c9a2e, 4f1c         a revision, or the start of its id
  +2, -1, 4f1c+1         so many steps from here, or from a revision
  users@head, users@-1   on the branch with that label

Safety rules, each later one before the earlier ones:
  their own levels       {SAFETY}
  MIGRATE_SAFETY         drop-column=deny,json-column=allow
  --rule RULE=LEVEL      levels are allow, warn and deny; `all` is every rule
  allow(…)               in the attribute of a migration, for that one"
    )
}

fn after_help() -> String {
    format!("{}\n\n{}", database_help(), exit_code::HELP)
}

/// Migrate a database, and look after its revisions
#[derive(Debug, Parser)]
#[command(
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    infer_subcommands = false,
    max_term_width = 100,
    after_help = "`--help` also lists where the database is looked for, the forms of a target, and exit codes",
    after_long_help = after_help(),
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that stand before or after the command.
#[derive(Debug, clap::Args)]
pub(crate) struct GlobalArgs {
    /// Use this database
    #[arg(long, global = true, value_name = "URL", help_heading = "Database")]
    pub(crate) database_url: Option<String>,

    /// Wait so long for a server that is not there yet: 30s, 2m; MIGRATE_WAIT=30s says the same
    #[arg(long, global = true, value_name = "TIME", value_parser = duration, help_heading = "Database")]
    pub(crate) wait: Option<Duration>,

    /// Keep the ledger in this schema (PostgreSQL)
    #[arg(long, global = true, value_name = "NAME", help_heading = "Database", hide_short_help = true)]
    pub(crate) ledger_schema: Option<String>,

    /// Start the names of the ledger's tables with this
    #[arg(
        long,
        global = true,
        value_name = "TEXT",
        default_value = "migrate_",
        help_heading = "Database",
        hide_short_help = true
    )]
    pub(crate) ledger_prefix: String,

    /// Keep other runs out with this kind of lock
    #[arg(
        long,
        global = true,
        value_name = "KIND",
        default_value = "auto",
        help_heading = "Database",
        hide_short_help = true
    )]
    pub(crate) lock: Lock,

    /// Give safety rules other levels: `drop-column=deny`, `all=warn`; may be repeated
    #[arg(
        long = "rule",
        global = true,
        value_name = "RULE=LEVEL",
        help_heading = "Safety",
        hide_short_help = true
    )]
    pub(crate) rules: Vec<Levels>,

    /// Print JSON on stdout, errors included
    #[arg(long, global = true, help_heading = "Output")]
    pub(crate) json: bool,

    /// Say nothing but warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,

    /// Show more
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) verbose: bool,

    /// Use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output",
        hide_short_help = true
    )]
    pub(crate) color: ColorChoice,
}

/// The kinds of run lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lock {
    /// What suits the server
    Auto,
    /// A session lock (PostgreSQL)
    Session,
    /// A lease: behind a pooler in transaction mode
    Lease,
    /// None: rely on the ledger alone
    None,
}

impl From<Lock> for LockMode {
    fn from(lock: Lock) -> Self {
        match lock {
            Lock::Auto => Self::Auto,
            Lock::Session => Self::Session,
            Lock::Lease => Self::Lease,
            Lock::None => Self::None,
        }
    }
}

/// The servers that can be named where no database is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Server {
    /// PostgreSQL
    Postgres,
    /// SQLite
    Sqlite,
    /// MySQL and MariaDB
    Mysql,
}

impl From<Server> for Dialect {
    fn from(server: Server) -> Self {
        match server {
            Server::Postgres => Self::Postgres,
            Server::Sqlite => Self::Sqlite,
            Server::Mysql => Self::Mysql,
        }
    }
}

/// Options of the commands that run migrations.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// Run all steps in one transaction: all of them happen, or none
    #[arg(long)]
    pub(crate) single_transaction: bool,

    /// Let a statement wait this long for a table's lock: 500ms, 5s, 2m
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,

    /// Let a statement take this long (PostgreSQL)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) statement_timeout: Option<Duration>,

    /// Wait this long for another run to end
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration)]
    pub(crate) lock_wait: Duration,

    /// Try a step again this often after a lock timeout, a deadlock or a serialization failure
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(crate) retries: u32,
}

/// Options of the commands that run backfills.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Backfills")]
pub(crate) struct WorkArgs {
    /// Work on a backfill over so many connections (PostgreSQL)
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=128))]
    workers: u32,

    /// Rest so long after each batch: 100ms, 1s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    rest: Option<Duration>,

    /// Work so much of the time, and rest for what is left of it: 50%
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    duty_cycle: Option<f64>,

    /// Wait while a replica is behind by more than this (PostgreSQL)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    max_lag: Option<Duration>,
}

impl WorkArgs {
    /// The migrator with these options, and with a way to open more connections.
    pub(crate) fn apply(
        &self,
        migrator: Migrator<AnyConnection>,
        database: &Database,
    ) -> Migrator<AnyConnection> {
        let throttle = Throttle {
            rest: self.rest.unwrap_or_default(),
            duty_cycle: self.duty_cycle,
            max_lag: self.max_lag,
        };
        let options = Options { workers: self.workers, throttle, ..migrator.options().clone() };
        let url = database.url.clone();
        migrator.with_options(options).with_connector(move || url.connect().map_err(Into::into))
    }
}

/// Reads `50%` or `50`: a share of the time.
fn percent(text: &str) -> Result<f64, String> {
    let number: f64 =
        text.trim_end_matches('%').parse().map_err(|_| "a share is a number of percent: 50%")?;
    if (1.0..=100.0).contains(&number) {
        Ok(number / 100.0)
    } else {
        Err("a share is from 1% to 100%".to_owned())
    }
}

/// The option of the commands that can begin a history.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct AllowArgs {
    /// Begin in a database that holds tables and no ledger: they are none of these revisions';
    /// MIGRATE_ALLOW_TABLES=1 says the same
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    allow_tables: Option<bool>,
}

impl AllowArgs {
    /// The migrator with this option, or with what the environment says.
    pub(crate) fn apply(self, migrator: Migrator<AnyConnection>) -> Migrator<AnyConnection> {
        let allow_tables = self.allow_tables.unwrap_or(migrator.options().allow_tables);
        let options = Options { allow_tables, ..migrator.options().clone() };
        migrator.with_options(options)
    }
}

/// The option of the commands that can leave backfills for later.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "Backfills")]
pub(crate) struct DeferArgs {
    /// Leave backfills for later, with what waits for them; MIGRATE_DEFER_BACKFILLS=1 says the same
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) defer_backfills: Option<bool>,
}

/// Reads `500ms`, `5s`, `2m`, `1h`, or a number of seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let milliseconds = match &text[digits.len()..] {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err("a time is a number with ms, s, m or h".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "a time is a number with ms, s, m or h".to_owned())?;
    number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(|| "too long".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_put_together_well() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_texts_are_imperative_and_have_no_full_stop() {
        fn check(command: &clap::Command) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && !about.ends_with('.'), "{}: {about}", command.get_name());
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(!help.is_empty() && !help.ends_with('.'), "{}: {help}", argument.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Cli::command());
    }

    #[test]
    fn a_share_of_the_time_is_in_percent() {
        assert_eq!([percent("50%"), percent("100"), percent("12.5%")], [Ok(0.5), Ok(1.0), Ok(0.125)]);
        for text in ["", "%", "0", "0.5", "101%", "-5%", "nan", "half"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        for (text, milliseconds) in
            [("500ms", 500), ("5s", 5_000), ("5", 5_000), ("2m", 120_000), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)));
        }
        for text in ["", "s", "-1s", "5 s", "1d", "99999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
