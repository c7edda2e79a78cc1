use std::collections::BTreeMap;

use super::read::{list, text};
use crate::catalog::{CatalogError, Column, Generated, GeneratedKind, Identity, IdentityKind, NotNull};
use crate::connection::{Driver, TextRow};
use crate::sqlite::{self, ColumnRule, CreateTable, TokenKind, meaningful, unquote};

/// What SQLite tells of a column.
pub(super) struct Told {
    pub(super) name: String,
    pub(super) declared: String,
    not_null: bool,
}

/// The columns of tables, by table.
pub(super) fn read(
    driver: &mut dyn Driver,
    tables: &std::collections::BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Told>>, CatalogError> {
    let mut columns: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    if tables.is_empty() {
        return Ok(columns);
    }
    // A column of a virtual table may be hidden (1); computed ones (2, 3) are not.
    let sql = format!(
        "SELECT s.name, c.name, c.type, c.\"notnull\" \
         FROM main.sqlite_schema AS s, pragma_table_xinfo(s.name, 'main') AS c \
         WHERE s.type IN ('table', 'view') AND s.name IN {} AND c.hidden <> 1 ORDER BY s.name, c.cid",
        list(tables)
    );
    for row in driver.query(&sql, &[])? {
        let (table, told) = told(row);
        columns.entry(table).or_default().push(told);
    }
    Ok(columns)
}

/// The columns of views and virtual tables, each asked for by itself when one of them does not work.
pub(super) fn read_each<'n>(
    driver: &mut dyn Driver,
    names: impl Iterator<Item = &'n String>,
) -> BTreeMap<String, Vec<Told>> {
    let names: std::collections::BTreeSet<String> = names.cloned().collect();
    if let Ok(columns) = read(driver, &names) {
        return columns;
    }
    let mut all = BTreeMap::new();
    for name in names {
        // What a view that does not work has for columns, nobody knows.
        all.extend(read(driver, &[name].into()).unwrap_or_default());
    }
    all
}

fn told(row: TextRow) -> (String, Told) {
    let mut columns = row.into_iter().map(Option::unwrap_or_default);
    let mut next = || columns.next().unwrap_or_default();
    (next(), Told { name: next(), declared: next(), not_null: next() == "1" })
}

/// A column with what only its definition says.
pub(super) fn column(
    table: &CreateTable,
    definition: &sqlite::Column,
    told: Told,
) -> Result<Column, CatalogError> {
    let mut column = Column::new(told.name, told.declared);
    column.nullable = !told.not_null;
    if table.rowid_alias().is_some_and(|alias| alias.span == definition.span) {
        column.nullable = false;
        column.identity = table.is_autoincrement().then_some(Identity {
            kind: IdentityKind::AutoIncrement,
            sequence: None,
            options: None,
        });
    }
    for constraint in &definition.constraints {
        match &constraint.rule {
            ColumnRule::Default { value } => column.default = Some(default(table.slice(value))?),
            ColumnRule::Collate(name) => {
                let name = name.value.to_ascii_uppercase();
                column.collation = (name != "BINARY").then_some(name);
            }
            ColumnRule::Generated { expression, kind } => {
                column.generated = Some(Generated {
                    kind: match kind {
                        sqlite::GeneratedKind::Stored => GeneratedKind::Stored,
                        sqlite::GeneratedKind::Virtual => GeneratedKind::Virtual,
                    },
                    expression: text("computed column", table.slice(expression))?,
                });
            }
            ColumnRule::NotNull => {
                column.not_null = constraint.name.as_ref().map(|name| NotNull {
                    name: name.value.clone(),
                    validated: true,
                    no_inherit: false,
                    comment: None,
                });
                let way = conflict(table.slice(&constraint.span));
                column.options.extend(way.map(|way| ("not_null_on_conflict".to_owned(), way)));
            }
            _ => {}
        }
    }
    Ok(column)
}

/// A default in normal form: a literal without parentheses, and a bare word that is a string as one.
fn default(value: &str) -> Result<String, CatalogError> {
    let answer = |_| CatalogError::Answer { what: "default", text: value.to_owned() };
    let mut tokens = meaningful(value).map_err(answer)?;
    while let [open, .., close] = tokens.as_slice() {
        let simple = tokens.len() == 3 || (tokens.len() == 4 && tokens[2].kind == TokenKind::Number);
        if !(simple && open.is_mark("(") && close.is_mark(")")) {
            break;
        }
        tokens.pop();
        tokens.remove(0);
    }
    match tokens.as_slice() {
        [only] if matches!(only.kind, TokenKind::Word | TokenKind::QuotedName) => {
            const WORDS: &[&str] =
                &["NULL", "TRUE", "FALSE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP"];
            let word = WORDS.iter().find(|word| only.is_word(word)).map(ToString::to_string);
            Ok(word.unwrap_or_else(|| format!("'{}'", unquote(only.text).replace('\'', "''"))))
        }
        [only] => Ok(only.text.to_owned()),
        [sign, number] => Ok(format!("{}{}", sign.text, number.text)),
        _ => text("default", value),
    }
}

/// How a constraint resolves a conflict, when it says so.
pub(super) fn conflict(constraint: &str) -> Option<String> {
    let tokens = meaningful(constraint).ok()?;
    let at = tokens.windows(2).position(|pair| pair[0].is_word("ON") && pair[1].is_word("CONFLICT"))?;
    let way = tokens.get(at + 2)?.text.to_ascii_uppercase();
    (way != "ABORT").then_some(way)
}
