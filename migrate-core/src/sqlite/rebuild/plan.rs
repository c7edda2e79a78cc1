use super::copy::Copy;
use super::error::RebuildError;
use super::schema::SchemaSnapshot;
use super::uses::children;
use crate::sqlite::create_table::{ColumnRule, CreateTable, TableRule};
use crate::sqlite::edit::Edit;
use crate::sqlite::name::{literal, quote, same};
use crate::sqlite::normal::unqualified;

/// One change of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// SQLite's own `ALTER TABLE` does it.
    Alter {
        /// The statement.
        statement: String,
    },
    /// The table is copied.
    Rebuild(Box<Rebuild>),
}

impl Change {
    /// The statements, in their order.
    pub fn statements(&self) -> Vec<String> {
        match self {
            Self::Alter { statement } => vec![statement.clone()],
            Self::Rebuild(rebuild) => rebuild.statements(),
        }
    }

    /// Why it needs a copy of the table, if it does.
    pub fn because(&self) -> Option<&str> {
        match self {
            Self::Alter { .. } => None,
            Self::Rebuild(rebuild) => Some(&rebuild.because),
        }
    }
}

/// A copy of a table in place of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuild {
    /// The table.
    pub table: String,
    /// What the copy is called until it takes the table's place.
    pub temporary: String,
    /// Why SQLite's own `ALTER TABLE` does not do it.
    pub because: String,
    /// Whether foreign keys lead to the table or away from it, so that they must not be enforced meanwhile.
    pub has_foreign_keys: bool,
    /// The tables with foreign keys to it.
    pub(super) children: Vec<String>,
    /// The new definition, under the table's own name.
    pub(super) definition: CreateTable,
    /// The statement that makes the copy, without rows.
    pub(super) create: String,
    pub(super) copy: Copy,
    /// What moves to the copy besides the rows, before the table goes.
    pub(super) before_drop: Vec<String>,
    /// What makes the table's indexes and triggers anew, each with a description.
    pub(super) parts: Vec<(String, String)>,
    pub(super) after_rename: Vec<String>,
    pub(super) legacy_alter_table: bool,
}

impl Rebuild {
    pub(super) fn new(
        schema: &SchemaSnapshot,
        table: &str,
        before: &CreateTable,
        definition: CreateTable,
        edits: &[Edit],
        because: String,
    ) -> Result<Self, RebuildError> {
        refuse_temporary(schema, table)?;
        let temporary = free_name(schema, definition.text());
        let children: Vec<_> = children(schema, table).into_iter().map(str::to_owned).collect();
        let has_foreign_keys = !children.is_empty()
            || before.foreign_keys().next().is_some()
            || definition.foreign_keys().next().is_some();
        let mut parts = Vec::new();
        for kind in ["index", "trigger"] {
            for object in schema.parts(kind, table) {
                parts.extend(object.sql.clone().map(|sql| (object.described(), sql)));
            }
        }
        let (mut before_drop, mut after_rename) = (Vec::new(), Vec::new());
        if before.is_autoincrement() && definition.is_autoincrement() {
            before_drop.extend(keep_sequence(table, &temporary));
        }
        keep_statistics(
            schema,
            table,
            &temporary,
            before,
            &definition,
            (&mut before_drop, &mut after_rename),
        );
        Ok(Self {
            create: create(&definition, table, &temporary),
            copy: Copy::new(table, &temporary, before, &definition, edits),
            table: table.to_owned(),
            temporary,
            because,
            has_foreign_keys,
            children,
            definition,
            before_drop,
            parts,
            after_rename,
            legacy_alter_table: schema.legacy_alter_table,
        })
    }

    /// The statements, in their order, without the checks.
    pub fn statements(&self) -> Vec<String> {
        let mut statements = vec![self.create.clone(), self.copy.statement()];
        statements.extend(self.before_drop.iter().cloned());
        statements.push(self.drop_statement());
        // Views and other tables' triggers mention the table, which is not there now: the new way of renaming
        // would look at them, and refuse.
        if !self.legacy_alter_table {
            statements.push("PRAGMA legacy_alter_table = ON".to_owned());
        }
        statements.push(self.rename_statement());
        if !self.legacy_alter_table {
            statements.push("PRAGMA legacy_alter_table = OFF".to_owned());
        }
        statements.extend(self.parts.iter().map(|(_, sql)| sql.clone()));
        statements.extend(self.after_rename.iter().cloned());
        statements
    }

    pub(super) fn drop_statement(&self) -> String {
        format!("DROP TABLE main.{}", quote(&self.table))
    }

    pub(super) fn rename_statement(&self) -> String {
        format!("ALTER TABLE main.{} RENAME TO {}", quote(&self.temporary), quote(&self.table))
    }
}

/// The statement that makes the copy: the new definition under another name.
///
/// Within the definition a column may be qualified with the table's name, which the copy does not have yet. There
/// is no other table that it could be of, so the qualifier goes.
fn create(definition: &CreateTable, table: &str, temporary: &str) -> String {
    let name = &definition.name().span;
    let of_columns = definition.columns().iter().flat_map(|column| &column.constraints);
    let mut expressions: Vec<_> = of_columns
        .filter_map(|constraint| match &constraint.rule {
            ColumnRule::Check { expression } | ColumnRule::Generated { expression, .. } => Some(expression),
            _ => None,
        })
        .chain(definition.constraints().iter().filter_map(|constraint| match &constraint.rule {
            TableRule::Check { expression } => Some(expression),
            _ => None,
        }))
        .collect();
    expressions.sort_by_key(|span| span.start);
    let mut text = definition.text().to_owned();
    for span in expressions.into_iter().rev() {
        // What was parsed is made of tokens.
        if let Ok(expression) = unqualified(&text[span.clone()], table) {
            text.replace_range(span.clone(), &expression);
        }
    }
    let rest = &text[name.end..];
    format!("CREATE TABLE main.{}{}{rest}", quote(temporary), if rest.starts_with('(') { " " } else { "" })
}

/// A name that nothing has and nothing mentions.
fn free_name(schema: &SchemaSnapshot, definition: &str) -> String {
    let mentioned = |name: &str| {
        let has = |text: &str| text.to_ascii_lowercase().contains(name);
        has(definition)
            || schema
                .objects
                .iter()
                .chain(&schema.temporary)
                .any(|object| has(&object.name) || has(&object.table) || has(object.text()))
    };
    let mut name = "migrate_rebuild".to_owned();
    let mut number = 1;
    while mentioned(&name) {
        number += 1;
        name = format!("migrate_rebuild_{number}");
    }
    name
}

fn refuse_temporary(schema: &SchemaSnapshot, table: &str) -> Result<(), RebuildError> {
    let hides =
        schema.temporary.iter().find(|object| same(&object.name, table) || same(&object.table, table));
    match hides {
        Some(object) => Err(RebuildError::Temporary { table: table.to_owned(), object: object.described() }),
        None => Ok(()),
    }
}

/// `AUTOINCREMENT` goes on where it was, also when the rows with the highest numbers are gone.
fn keep_sequence(table: &str, temporary: &str) -> [String; 2] {
    let (table, temporary) = (literal(table), literal(temporary));
    [
        format!("DELETE FROM main.sqlite_sequence WHERE name = {temporary}"),
        format!(
            "INSERT INTO main.sqlite_sequence (name, seq) \
             SELECT {temporary}, seq FROM main.sqlite_sequence WHERE name = {table}"
        ),
    ]
}

/// What `ANALYZE` found out stays, as far as it is of indexes that stay the same.
fn keep_statistics(
    schema: &SchemaSnapshot,
    table: &str,
    temporary: &str,
    before: &CreateTable,
    after: &CreateTable,
    (before_drop, after_rename): (&mut Vec<String>, &mut Vec<String>),
) {
    let (table, temporary) = (literal(table), literal(temporary));
    let keys_stay = keys(before) == keys(after);
    for object in &schema.objects {
        if !matches!(object.name.as_str(), "sqlite_stat1" | "sqlite_stat4") {
            continue;
        }
        let statistics = format!("main.{}", object.name);
        before_drop.push(format!("UPDATE {statistics} SET tbl = {temporary} WHERE tbl = {table}"));
        if !keys_stay {
            // The indexes of constraints are numbered: another one may have the number now.
            after_rename.push(format!(
                "DELETE FROM {statistics} WHERE tbl = {temporary} AND idx GLOB 'sqlite_autoindex_*'"
            ));
        }
        after_rename.push(format!("UPDATE {statistics} SET tbl = {table} WHERE tbl = {temporary}"));
    }
}

/// The keys of a table in the order in which SQLite numbers their indexes.
fn keys(table: &CreateTable) -> Vec<Vec<&str>> {
    let of_columns = table.columns().iter().flat_map(|column| {
        let is_key = |rule: &ColumnRule| matches!(rule, ColumnRule::PrimaryKey { .. } | ColumnRule::Unique);
        let keys = column.constraints.iter().filter(move |constraint| is_key(&constraint.rule));
        keys.map(|_| vec![column.name.value.as_str()])
    });
    let of_table = table.constraints().iter().filter_map(|constraint| match &constraint.rule {
        TableRule::PrimaryKey { columns, .. } | TableRule::Unique { columns } => {
            Some(columns.iter().map(|name| name.value.as_str()).collect())
        }
        _ => None,
    });
    of_columns.chain(of_table).collect()
}
