//! Writes the same history of small migrations in the form of every tool.
//!
//! `peers-history <tool> <count> <directory>`. A migration creates one table, and its undoing drops it; one follows
//! on another. What a file already says is left alone, so that a build sees no change.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [tool, count, directory] = &arguments[..] else {
        panic!("usage: peers-history <ours|diesel|sqlx|refinery|sea-orm|psql> <count> <directory>");
    };
    let count = count.parse().expect("a number");
    let directory = Path::new(directory);
    fs::create_dir_all(directory).expect("the directory");
    match tool.as_str() {
        "ours" => ours(count, directory),
        "diesel" => diesel(count, directory),
        "sqlx" => sql_files(count, directory, |n| format!("{n:04}_create_t{n:04}.sql")),
        "refinery" => sql_files(count, directory, |n| format!("V{n}__create_t{n:04}.sql")),
        "sea-orm" => sea_orm(count, directory),
        "psql" => psql(count, directory),
        other => panic!("unknown tool `{other}`"),
    }
}

fn create(n: u32) -> String {
    format!("CREATE TABLE t{n:04} (id INTEGER PRIMARY KEY, v TEXT)")
}

fn ours(count: u32, directory: &Path) {
    for n in 1..=count {
        let parent = if n > 1 { format!(", down_revision = \"m{:04}\"", n - 1) } else { String::new() };
        let text = format!(
            "use migrate_core::prelude::*;

/// Create t{n:04}
#[migration(revision = \"m{n:04}\"{parent})]
pub struct CreateT{n:04};

impl Migration for CreateT{n:04} {{
    type Connection = crate::Connection;

    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {{
        cx.execute(\"{}\")
    }}

    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {{
        cx.execute(\"DROP TABLE t{n:04}\")
    }}
}}
",
            create(n)
        );
        write(&directory.join(format!("20250101_{n:04}_m{n:04}_create_t{n:04}.rs")), &text);
    }
}

fn diesel(count: u32, directory: &Path) {
    for n in 1..=count {
        let directory = directory.join(format!("2025-01-01-00{n:04}_create_t{n:04}"));
        fs::create_dir_all(&directory).expect("the directory");
        write(&directory.join("up.sql"), &format!("{};\n", create(n)));
        write(&directory.join("down.sql"), &format!("DROP TABLE t{n:04};\n"));
    }
}

fn sql_files(count: u32, directory: &Path, name: impl Fn(u32) -> String) {
    for n in 1..=count {
        write(&directory.join(name(n)), &format!("{};\n", create(n)));
    }
}

fn sea_orm(count: u32, directory: &Path) {
    let (mut modules, mut list) = (String::new(), String::new());
    for n in 1..=count {
        let module = format!("m20250101_00{n:04}_create_t{n:04}");
        let text = format!(
            "use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        manager.get_connection().execute_unprepared(\"{}\").await?;
        Ok(())
    }}

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        manager.get_connection().execute_unprepared(\"DROP TABLE t{n:04}\").await?;
        Ok(())
    }}
}}
",
            create(n)
        );
        write(&directory.join(format!("{module}.rs")), &text);
        writeln!(modules, "mod {module};").expect("text");
        writeln!(list, "            Box::new({module}::Migration),").expect("text");
    }
    let lib = format!(
        "pub use sea_orm_migration::prelude::*;

{modules}
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {{
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {{
        vec![
{list}        ]
    }}
}}
"
    );
    write(&directory.join("lib.rs"), &lib);
}

/// A script for `psql -f`: every table in a transaction with its row.
fn psql(count: u32, directory: &Path) {
    let mut script = String::from(
        "CREATE TABLE psql_ledger (version VARCHAR(50) PRIMARY KEY, \
         run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);\n",
    );
    for n in 1..=count {
        writeln!(
            script,
            "BEGIN;\n{};\nINSERT INTO psql_ledger (version) VALUES ('m{n:04}');\nCOMMIT;",
            create(n)
        )
        .expect("text");
    }
    write(&directory.join("each.sql"), &script);
}

fn write(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|now| now == text) {
        return;
    }
    fs::write(path, text).expect("a file written");
}
