//! PostgreSQL's own way to copy a database.

use std::process::Command;

use super::database::Database;
use super::program::{Release, run};

impl Database {
    /// What is in it but for the table `applied_log`, as a script of `pg_dump`. PostgreSQL only.
    #[must_use]
    pub fn dump(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(Release::Machine.program("pg_dump"));
        let output = run(command.arg("--exclude-table=applied_log").args(arguments).arg(self.url()));
        String::from_utf8(output.stdout).expect("a script in UTF-8")
    }

    /// Runs a script in `psql`, which stops at the first error. PostgreSQL only.
    pub fn run_script(&self, script: &str) {
        let directory = tempfile::tempdir().expect("tempdir");
        let path = directory.path().join("script.sql");
        std::fs::write(&path, script).expect("script.sql");
        let mut command = Command::new(Release::Machine.program("psql"));
        run(command
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", self.url()])
            .arg("--file")
            .arg(&path));
    }
}
