//! What `alembic upgrade base:heads --sql` printed, revision by revision.

use std::collections::BTreeMap;

use super::statements::split;
use migrate_core::plan::Direction;

/// The SQL of one direction of a revision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Section {
    pub(super) statements: Vec<String>,
    /// Whether Alembic ended its transaction for some of it.
    pub(super) outside: bool,
}

/// The sections of one or several files.
#[derive(Debug, Clone, Default)]
pub(super) struct Sections {
    found: BTreeMap<(bool, String), Section>,
}

/// How a line that begins a section starts.
const RUNNING: &str = "\n-- Running ";

impl Sections {
    /// Adds the sections of a file's text; `false` if it has none.
    pub(super) fn add(&mut self, text: &str) -> bool {
        let text = format!("\n{}", text.replace("\r\n", "\n"));
        let table = version_table(&text);
        let mut parts = text.split(RUNNING);
        // What is before the first section makes Alembic's own table.
        parts.next();
        let before = self.found.len();
        for part in parts {
            let (line, sql) = part.split_once('\n').unwrap_or((part, ""));
            if let Some(key) = key(line) {
                self.found.insert(key, section(sql, &table));
            }
        }
        self.found.len() > before
    }

    /// The SQL of a revision in one direction.
    pub(super) fn get(&self, revision: &str, direction: Direction) -> Option<&Section> {
        self.found.get(&(direction == Direction::Downgrade, revision.to_owned()))
    }
}

/// `upgrade a, b -> c` is about `c`, `downgrade c -> a, b` about `c`.
fn key(line: &str) -> Option<(bool, String)> {
    let (word, edge) = line.split_once(' ')?;
    let (from, to) = edge.split_once(" -> ").or_else(|| Some((edge.strip_suffix(" ->")?, "")))?;
    let (is_down, of) = match word {
        "upgrade" => (false, to),
        "downgrade" => (true, from),
        _ => return None,
    };
    // Alembic may go on with the message.
    let id = of.trim().split([' ', ',']).next().unwrap_or_default();
    (!id.is_empty()).then(|| (is_down, id.to_owned()))
}

/// The name of Alembic's table, which can be set, from the statement that makes it.
fn version_table(text: &str) -> String {
    let made = text.split("CREATE TABLE ").skip(1).find_map(|made| {
        let (name, columns) = made.split_once('(')?;
        columns.trim_start().starts_with("version_num").then(|| name.trim().to_owned())
    });
    made.unwrap_or_else(|| "alembic_version".to_owned())
}

fn section(sql: &str, table: &str) -> Section {
    let is_of_table = |statement: &str| {
        ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "DROP TABLE "].iter().any(|start| {
            statement.strip_prefix(start).is_some_and(|rest| {
                let rest = rest.strip_prefix(table).unwrap_or("-");
                rest.is_empty() || rest.starts_with([' ', '(', '\n'])
            })
        })
    };
    let mut statements: Vec<String> = split(sql)
        .into_iter()
        .filter(|statement| !is_of_table(statement))
        .map(without_trailing_blanks)
        .collect();
    let is_end = |statement: &String| matches!(statement.as_str(), "BEGIN" | "COMMIT");
    // With a transaction for each revision they are around it; in the middle of one they make room.
    while statements.first().is_some_and(is_end) {
        statements.remove(0);
    }
    while statements.last().is_some_and(is_end) {
        statements.pop();
    }
    let outside = statements.iter().any(is_end);
    statements.retain(|statement| !is_end(statement));
    let concurrent = statements.iter().any(|statement| statement.to_uppercase().contains(" CONCURRENTLY "));
    Section { statements, outside: outside || concurrent }
}

/// Alembic leaves a blank behind each comma at the end of a line; within literals blanks stay.
fn without_trailing_blanks(statement: &str) -> String {
    if statement.contains(['\'', '"', '$']) {
        return statement.to_owned();
    }
    statement.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_is_its_revision_s_without_alembic_s_own() {
        let mut sections = Sections::default();
        assert!(sections.add(
            "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL\n);\n\n\
             -- Running upgrade  -> a1\n\nCREATE TABLE t (x INTEGER);\n\n\
             INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num;\n\n\
             -- Running upgrade a1 -> b1\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY i ON t (x);\n\nBEGIN;\n\n\
             UPDATE alembic_version SET version_num='b1' WHERE alembic_version.version_num = 'a1';\n\n\
             -- Running upgrade a1 -> c1\n\n\
             -- Running upgrade b1, c1 -> d1\n\nUPDATE t SET x = 1;\n\nCOMMIT;\n\n",
        ));
        assert!(sections.add(
            "-- Running downgrade d1 -> b1, c1\n\nSELECT 1;\n-- Running downgrade a1 ->\n\nDROP TABLE t;\n"
        ));
        let get = |id: &str, direction| {
            sections.get(id, direction).map(|found| (found.statements.join("|"), found.outside))
        };
        let some = |text: &str, outside| Some((text.to_owned(), outside));
        assert_eq!(get("a1", Direction::Upgrade), some("CREATE TABLE t (x INTEGER)", false));
        assert_eq!(get("b1", Direction::Upgrade), some("CREATE INDEX CONCURRENTLY i ON t (x)", true));
        assert_eq!(get("c1", Direction::Upgrade), some("", false));
        assert_eq!(get("d1", Direction::Upgrade), some("UPDATE t SET x = 1", false));
        assert_eq!(get("d1", Direction::Downgrade), some("SELECT 1", false));
        assert_eq!(get("a1", Direction::Downgrade), some("DROP TABLE t", false));
        assert_eq!(get("b1", Direction::Downgrade), None);
    }

    #[test]
    fn alembic_s_table_may_have_another_name() {
        let mut sections = Sections::default();
        sections.add(
            "CREATE TABLE app.versions (\n    version_num VARCHAR(32) NOT NULL\n);\n\n-- Running upgrade  -> a1\n\n\
             INSERT INTO app.versions (version_num) VALUES ('a1');\n\nINSERT INTO app.versions_of_things VALUES (1);\n",
        );
        let found = sections.get("a1", Direction::Upgrade).unwrap();
        assert_eq!(found.statements, ["INSERT INTO app.versions_of_things VALUES (1)"]);
    }
}
