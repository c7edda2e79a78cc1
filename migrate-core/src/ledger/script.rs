use super::write::Facts;
use super::{FORMAT, LedgerNames, now, tables};
use crate::connection::Dialect;
use crate::operation::OperationError;
use crate::operation::render::Quote;

/// The ledger's statements for a script, which nobody watches while it runs.
///
/// What a run binds is written out here. What a run looks at between two statements, these refuse by themselves: the
/// state of a row that must not be written is a text that its CHECK does not know, and that says why.
pub(crate) struct Texts<'n> {
    dialect: Dialect,
    names: &'n LedgerNames,
    ledger: String,
    event: String,
}

impl<'n> Texts<'n> {
    pub(crate) fn new(dialect: Dialect, names: &'n LedgerNames) -> Self {
        let [ledger, event] = ["ledger", "event"].map(|table| names.table(dialect, table));
        Self { dialect, names, ledger, event }
    }

    /// Creates the tables that are missing.
    pub(crate) fn create(&self) -> Result<Vec<String>, OperationError> {
        let schema = match (self.dialect, self.names.schema()) {
            (Dialect::Postgres, Some(schema)) => {
                Some(format!("CREATE SCHEMA IF NOT EXISTS {}", Quote(self.dialect).name(schema)?))
            }
            _ => None,
        };
        Ok(schema.into_iter().chain(tables::statements(self.dialect, self.names)).collect())
    }

    /// Writes the row of an upgrade as running: fails if there is one, and unless the parents are applied.
    pub(crate) fn claim(&self, facts: &Facts<'_>, parents: &[&str]) -> Result<String, OperationError> {
        let state = if parents.is_empty() {
            "'running'".to_owned()
        } else {
            format!(
                "CASE WHEN {}\n    THEN 'running' ELSE {} END",
                self.all_applied(parents)?,
                self.text(&format!("not applied: {}", parents.join(" or ")))?
            )
        };
        self.insert(facts, &state)
    }

    /// Marks an upgrade as done and appends its event.
    pub(crate) fn finish_upgrade(&self, facts: &Facts<'_>) -> Result<[String; 2], OperationError> {
        let Self { ledger, event, .. } = self;
        let (now, revision) = (now(self.dialect), self.text(facts.revision)?);
        let (at, when) = self.event_time();
        Ok([
            // The duration first: MySQL assigns from left to right.
            format!(
                "UPDATE {ledger} SET state = 'applied',\n    duration_ms = {},\n    applied_at = {now}\n\
                 WHERE revision = {revision} AND state = 'running'",
                self.milliseconds_since_applied_at()
            ),
            format!(
                "INSERT INTO {event} ({at}kind, revision, duration_ms, applied_by, binary_version)\n\
                 SELECT {when}'upgrade', revision, duration_ms, applied_by, binary_version\n\
                 FROM {ledger} WHERE revision = {revision} AND state = 'applied'"
            ),
        ])
    }

    /// Marks a row as about to be undone: fails unless it is applied, and if a child is.
    pub(crate) fn begin_downgrade(
        &self,
        facts: &Facts<'_>,
        children: &[&str],
    ) -> Result<Vec<String>, OperationError> {
        let ledger = &self.ledger;
        let revision = self.text(facts.revision)?;
        let mut statements = Vec::new();
        if self.dialect == Dialect::Postgres {
            // A child that is being applied right now is in the next statement's view once this one has waited.
            statements.push(format!("LOCK TABLE {ledger} IN SHARE ROW EXCLUSIVE MODE"));
        }
        let state = if children.is_empty() {
            "'reverting'".to_owned()
        } else {
            format!(
                "CASE WHEN {}\n    THEN 'reverting' ELSE {} END",
                self.none_recorded(children)?,
                self.text(&format!("applied: {}", children.join(" or ")))?
            )
        };
        statements.push(format!(
            "UPDATE {ledger} SET applied_by = {},\n    state = {state}\n\
             WHERE revision = {revision} AND state = 'applied'",
            self.text(facts.applied_by)?
        ));
        statements.push(self.refuse(
            facts.revision,
            &format!("not applied: {}", facts.revision),
            &format!("SELECT 1 FROM {ledger} WHERE revision = {revision} AND state = 'reverting'"),
        )?);
        Ok(statements)
    }

    /// Removes the row of a downgrade and appends its event.
    pub(crate) fn finish_downgrade(&self, facts: &Facts<'_>) -> Result<[String; 2], OperationError> {
        let delete = format!(
            "DELETE FROM {} WHERE revision = {} AND state = 'reverting'",
            self.ledger,
            self.text(facts.revision)?
        );
        Ok([delete, self.append("downgrade", facts)?])
    }

    /// Records a revision as applied and appends the event: fails if there is a row.
    pub(crate) fn stamp(&self, facts: &Facts<'_>) -> Result<[String; 2], OperationError> {
        Ok([self.insert(facts, "'applied'")?, self.append("stamp", facts)?])
    }

    /// Forgets a revision and appends the event.
    pub(crate) fn unstamp(&self, facts: &Facts<'_>) -> Result<[String; 2], OperationError> {
        let delete = format!("DELETE FROM {} WHERE revision = {}", self.ledger, self.text(facts.revision)?);
        Ok([delete, self.append("unstamp", facts)?])
    }

    /// Forgets every revision and appends an event for each.
    pub(crate) fn purge(
        &self,
        applied_by: &str,
        binary_version: &str,
    ) -> Result<[String; 2], OperationError> {
        let (at, when) = self.event_time();
        let events = format!(
            "INSERT INTO {} ({at}kind, revision, applied_by, binary_version)\n\
             SELECT {when}'unstamp', revision, {}, {} FROM {}",
            self.event,
            self.text(applied_by)?,
            self.text(binary_version)?,
            self.ledger
        );
        Ok([events, format!("DELETE FROM {}", self.ledger)])
    }

    /// Fails with these words unless a step was taken by other means: the revision is applied after an upgrade, and
    /// has no row after a downgrade.
    pub(crate) fn gate(&self, revision: &str, applied: bool, words: &str) -> Result<String, OperationError> {
        let row = format!("SELECT 1 FROM {} WHERE revision = {}", self.ledger, self.text(revision)?);
        let taken = if applied {
            format!("{row} AND state = 'applied'")
        } else {
            format!("SELECT 1 WHERE NOT EXISTS ({row})")
        };
        match self.dialect {
            Dialect::Postgres => {
                let block = format!(
                    "BEGIN\n    IF NOT EXISTS ({taken}) THEN\n        RAISE EXCEPTION USING MESSAGE = {};\n    \
                     END IF;\nEND",
                    self.text(words)?
                );
                let tag = dollar_tag(&block);
                Ok(format!("DO {tag} {block} {tag}"))
            }
            _ => self.refuse(revision, words, &taken),
        }
    }

    /// Fails if a foreign key refers to nothing (SQLite).
    pub(crate) fn no_broken_foreign_keys(&self, revision: &str) -> Result<String, OperationError> {
        let words = "broken foreign keys: PRAGMA foreign_key_check lists them";
        let whole = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check)";
        self.refuse(revision, words, whole)
    }

    /// Writes a row whose state is refused, with the reason for its name, unless a query has a row.
    fn refuse(&self, revision: &str, reason: &str, unless: &str) -> Result<String, OperationError> {
        let (at, when) = self.row_time();
        Ok(format!(
            "INSERT INTO {} (revision, state, message, {at}applied_by, binary_version, format)\n\
             SELECT {}, {}, '', {when}'', '', {FORMAT}\nWHERE NOT EXISTS ({unless})",
            self.ledger,
            self.text(revision)?,
            self.text(reason)?
        ))
    }

    fn insert(&self, facts: &Facts<'_>, state: &str) -> Result<String, OperationError> {
        let (at, when) = self.row_time();
        let checksum =
            facts.checksum.map_or_else(|| Ok("NULL".to_owned()), |checksum| self.text(checksum))?;
        Ok(format!(
            "INSERT INTO {} (revision, state, checksum, message, {at}applied_by, binary_version, format)\n\
             SELECT {},\n    {state},\n    {checksum},\n    {},\n    {when}{}, {}, {FORMAT}",
            self.ledger,
            self.text(facts.revision)?,
            self.text(facts.message)?,
            self.text(facts.applied_by)?,
            self.text(facts.binary_version)?,
        ))
    }

    fn append(&self, kind: &str, facts: &Facts<'_>) -> Result<String, OperationError> {
        let (at, when) = self.event_time();
        Ok(format!(
            "INSERT INTO {} ({at}kind, revision, applied_by, binary_version)\nVALUES ({when}'{kind}', {}, {}, {})",
            self.event,
            self.text(facts.revision)?,
            self.text(facts.applied_by)?,
            self.text(facts.binary_version)?
        ))
    }

    fn all_applied(&self, revisions: &[&str]) -> Result<String, OperationError> {
        let (ledger, list) = (&self.ledger, self.list(revisions)?);
        let rows = format!("FROM {ledger} WHERE state = 'applied' AND revision IN ({list})");
        let count = match self.dialect {
            // Locked against removal until the step ends.
            Dialect::Postgres => format!("SELECT count(*) FROM (SELECT 1 {rows} FOR KEY SHARE) AS parents"),
            _ => format!("SELECT count(*) {rows}"),
        };
        Ok(format!("({count}) = {}", revisions.len()))
    }

    fn none_recorded(&self, revisions: &[&str]) -> Result<String, OperationError> {
        let list = self.list(revisions)?;
        Ok(match self.dialect {
            // MySQL does not read the table that it updates, but what was read of it before.
            Dialect::Mysql => format!(
                "NOT EXISTS (SELECT 1 FROM (SELECT revision FROM {}) AS child WHERE child.revision IN ({list}))",
                self.ledger
            ),
            _ => format!(
                "NOT EXISTS (SELECT 1 FROM {} AS child WHERE child.revision IN ({list}))",
                self.ledger
            ),
        })
    }

    fn list(&self, texts: &[&str]) -> Result<String, OperationError> {
        let texts: Vec<_> = texts.iter().map(|text| self.text(text)).collect::<Result<_, _>>()?;
        Ok(texts.join(", "))
    }

    fn text(&self, text: &str) -> Result<String, OperationError> {
        let literal = Quote(self.dialect).text(text)?;
        Ok(match self.dialect {
            // The `sqlite3` program takes carriage returns away from the ends of lines, also within a literal.
            Dialect::Sqlite => literal.replace('\r', "' || char(13) || '"),
            Dialect::Postgres | Dialect::Mysql => literal,
        })
    }

    /// The column of a time that has no default, and its value, each with a comma after it.
    fn row_time(&self) -> (&'static str, String) {
        self.time("applied_at, ")
    }

    fn event_time(&self) -> (&'static str, String) {
        self.time("at, ")
    }

    fn time(&self, column: &'static str) -> (&'static str, String) {
        match self.dialect {
            Dialect::Mysql => (column, format!("{}, ", now(self.dialect))),
            Dialect::Postgres | Dialect::Sqlite => ("", String::new()),
        }
    }

    fn milliseconds_since_applied_at(&self) -> &'static str {
        match self.dialect {
            Dialect::Postgres => "CAST(1000 * extract(epoch FROM clock_timestamp() - applied_at) AS bigint)",
            Dialect::Sqlite => {
                "CAST(round((julianday('now') - julianday(applied_at)) * 86400000) AS INTEGER)"
            }
            Dialect::Mysql => "TIMESTAMPDIFF(MICROSECOND, applied_at, UTC_TIMESTAMP(6)) DIV 1000",
        }
    }
}

/// A dollar quote that is not in a text.
fn dollar_tag(text: &str) -> String {
    let mut tag = "$migrate$".to_owned();
    while text.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    tag
}
