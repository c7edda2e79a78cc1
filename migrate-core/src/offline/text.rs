//! A script as the text of a file.

use std::fmt;

use super::comment::one_line;
use super::script::{Item, Script};
use crate::connection::Dialect;

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads =
            if self.heads_after.is_empty() { "<base>".to_owned() } else { self.heads_after.join(", ") };
        comment(f, &format!("{} for {}, then at {heads}", self.title, self.dialect))?;
        comment(f, &format!("Written by {}. To be run once: {}", self.written_by, program(self.dialect)))?;
        f.write_str(settings(self.dialect))?;
        section(f, self.dialect, &self.opening)?;
        for (number, step) in self.steps.iter().enumerate() {
            f.write_str("\n")?;
            comment(f, &format!("{} of {}: {}", number + 1, self.steps.len(), step.description))?;
            items(f, self.dialect, &step.items)?;
        }
        section(f, self.dialect, &self.closing)?;
        if !self.deferred.is_empty() {
            f.write_str("\n")?;
        }
        self.deferred.iter().try_for_each(|left| match left.waits_for.as_slice() {
            [] => comment(f, &format!("Left for later: {}, a backfill", left.revision)),
            waits_for => {
                comment(f, &format!("Left for later: {}, after {}", left.revision, waits_for.join(", ")))
            }
        })
    }
}

fn program(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "psql -X -f <this file>",
        Dialect::Sqlite => "sqlite3 -batch <database> < <this file>",
        Dialect::Mysql => "mysql < <this file>",
    }
}

/// Makes the program stop at the first error, read the text as what it is, and wait for others as a run does; `mysql`
/// stops by itself.
///
/// For all but these programs it is an error, so that nothing runs without it.
fn settings(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => "\\set ON_ERROR_STOP on\n\\encoding UTF8\n",
        Dialect::Sqlite => ".bail on\n.timeout 300000\n",
        Dialect::Mysql => "SET NAMES utf8mb4;\n",
    }
}

fn section(f: &mut fmt::Formatter<'_>, dialect: Dialect, all: &[Item]) -> fmt::Result {
    if all.is_empty() {
        return Ok(());
    }
    f.write_str("\n")?;
    items(f, dialect, all)
}

fn items(f: &mut fmt::Formatter<'_>, dialect: Dialect, items: &[Item]) -> fmt::Result {
    items.iter().try_for_each(|item| match item {
        Item::Comment(text) if text.is_empty() => f.write_str("\n"),
        Item::Comment(text) => comment(f, text),
        Item::Statement(sql) => statement(f, dialect, sql),
    })
}

fn comment(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.lines().try_for_each(|line| match one_line(line).as_str() {
        "" => writeln!(f, "--"),
        line => writeln!(f, "-- {line}"),
    })
}

fn statement(f: &mut fmt::Formatter<'_>, dialect: Dialect, sql: &str) -> fmt::Result {
    let sql = sql.trim_end();
    if dialect == Dialect::Mysql && is_program(sql) {
        return writeln!(f, "DELIMITER ;;\n{sql}\n;;\nDELIMITER ;");
    }
    let last_line = sql.lines().next_back().unwrap_or_default();
    if last_line.contains("--") || last_line.contains('#') {
        // What ends the line may be a comment, the semicolon a part of it; one too many is nothing.
        writeln!(f, "{sql}\n;")
    } else if sql.ends_with(';') {
        writeln!(f, "{sql}")
    } else {
        writeln!(f, "{sql};")
    }
}

/// Whether it creates what has statements of its own in it, which the `mysql` program would cut.
fn is_program(sql: &str) -> bool {
    let mut words = sql.split_whitespace().map(str::to_ascii_uppercase);
    let creates = words.next().is_some_and(|word| word == "CREATE");
    let kinds = ["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"];
    creates && words.take(5).any(|word| kinds.contains(&word.as_str())) && sql.contains(';')
}
