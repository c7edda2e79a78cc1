//! Scripts of the framework's own making, run by other programs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use migrate_core::connection::{Dialect, Driver as _};

use super::database::Database;
use super::program::Release;

impl Database {
    /// Runs a script with `psql`, without any setting that makes it safe, or on SQLite as the `sqlite3` program does:
    /// up to the first error, after which the connection is closed. The error is what was said about it.
    pub fn try_script(&self, script: &str) -> Result<(), String> {
        if self.dialect() == Dialect::Postgres {
            return psql(self.url(), script);
        }
        // The program's own commands stand before the first empty line.
        let (commands, sql) = script.split_once("\n\n").unwrap_or((script, ""));
        let comments = commands.lines().filter(|line| !line.starts_with('.'));
        let sql = format!("{}\n{sql}", comments.collect::<Vec<_>>().join("\n"));
        self.connect().batch(&sql).map_err(|error| error.to_string())
    }

    /// The schema as text, the ledger's tables included.
    #[must_use]
    pub fn schema(&self) -> String {
        if self.dialect() == Dialect::Postgres {
            // Newer versions protect the text with a word of their own in each dump.
            let dump = self.dump(&["--schema-only"]);
            let is_steady =
                |line: &&str| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict");
            return dump.lines().filter(is_steady).collect::<Vec<_>>().join("\n");
        }
        let sql = "SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_master ORDER BY 1";
        self.column(sql).join("\n")
    }
}

fn psql(url: &str, script: &str) -> Result<(), String> {
    let mut psql = Command::new(Release::Machine.program("psql"))
        .args(["--no-psqlrc", "--quiet", "--file=-", url])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql");
    // Not read to its end when `psql` stops at an error.
    let _ = psql.stdin.take().expect("stdin").write_all(script.as_bytes());
    let output = psql.wait_with_output().expect("psql");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && !said.contains("ERROR:") { Ok(()) } else { Err(said) }
}
