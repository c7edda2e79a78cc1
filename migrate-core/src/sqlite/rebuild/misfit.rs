//! Which rows do not fit a new definition.

use std::fmt;

use super::plan::Rebuild;
use crate::connection::Driver;
use crate::sqlite::create_table::{ColumnRule, CreateTable, TableRule};
use crate::sqlite::name::quote;

/// Rows that do not fit a new definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// What they break, such as `NOT NULL of column email`.
    pub rule: String,
    /// How many there are; of a key, how many values stand more than once.
    pub count: u64,
    /// One of them, as SQL literals.
    pub example: Option<String>,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = if self.count == 1 { "row does" } else { "rows do" };
        write!(f, "{} {rows} not fit {}", self.count, self.rule)?;
        match &self.example {
            Some(example) => write!(f, ", such as {example}"),
            None => Ok(()),
        }
    }
}

/// A rule of the new definition, and the query that counts the rows of the old table that break it.
struct Rule {
    /// What SQLite says when it is broken.
    message: String,
    described: String,
    /// How many, and one of them.
    query: String,
}

/// Finds the rows that made a copy fail, by the rule that SQLite names.
pub(super) fn find(driver: &mut dyn Driver, rebuild: &Rebuild, message: &str) -> Option<Misfit> {
    let rules = rules(rebuild);
    let rule = rules.iter().find(|rule| message.contains(&rule.message))?;
    let row = driver.query(&rule.query, &[]).ok()?.into_iter().next()?;
    let count: u64 = row.first()?.as_deref()?.parse().ok()?;
    (count > 0).then(|| Misfit {
        rule: rule.described.clone(),
        count,
        example: row.get(1).cloned().flatten(),
    })
}

fn rules(rebuild: &Rebuild) -> Vec<Rule> {
    let definition = &rebuild.definition;
    let mut rules = keys(rebuild);
    for column in definition.columns() {
        let name = &column.name.value;
        let Some(source) = rebuild.copy.source(name) else { continue };
        rules.push(Rule {
            message: format!("NOT NULL constraint failed: {}.{name}", rebuild.temporary),
            described: format!("NOT NULL of column {name}"),
            query: count(rebuild, &format!("({source}) IS NULL"), &whole_row(rebuild)),
        });
        let declared = column.type_.as_ref().map(|span| definition.slice(span).to_ascii_uppercase());
        let declared = declared.unwrap_or_default();
        if let Some(fits) = fits(&declared, source) {
            rules.push(Rule {
                message: format!("value in {declared} column {}.{name}", rebuild.temporary),
                described: format!("{declared} of column {name}"),
                query: count(rebuild, &format!("NOT ({fits})"), &format!("quote({source})")),
            });
        }
    }
    rules.extend(checks(rebuild));
    // The message of one rule may begin with that of another.
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.message.len()));
    rules
}

fn count(rebuild: &Rebuild, condition: &str, example: &str) -> String {
    format!("SELECT count(*), min({example}) FROM main.{} WHERE {condition}", quote(&rebuild.table))
}

/// A row of the old table as literals, the first few columns of it.
fn whole_row(rebuild: &Rebuild) -> String {
    const SHOWN: usize = 3;
    let columns: Vec<_> =
        rebuild.copy.columns.iter().take(SHOWN).map(|(_, source)| format!("quote({source})")).collect();
    if columns.is_empty() {
        "NULL".to_owned()
    } else {
        format!("'(' || {} || ')'", columns.join(" || ', ' || "))
    }
}

/// When a value fits a column of a `STRICT` table, after the conversion that SQLite makes if nothing is lost.
fn fits(declared: &str, source: &str) -> Option<String> {
    let number = format!("(typeof({source}) = 'text' AND {source} = CAST({source} AS NUMERIC))");
    match declared {
        "INT" | "INTEGER" => Some(format!(
            "typeof({source}) IN ('null', 'integer') OR \
             ((typeof({source}) = 'real' OR {number}) AND {source} = CAST({source} AS INTEGER))"
        )),
        "REAL" => Some(format!("typeof({source}) IN ('null', 'integer', 'real') OR {number}")),
        "TEXT" => Some(format!("typeof({source}) <> 'blob'")),
        "BLOB" => Some(format!("typeof({source}) IN ('null', 'blob')")),
        _ => None,
    }
}

/// Primary keys and unique constraints.
fn keys(rebuild: &Rebuild) -> Vec<Rule> {
    let definition = &rebuild.definition;
    let of_columns = definition.columns().iter().filter_map(|column| {
        let is_key = |rule: &ColumnRule| matches!(rule, ColumnRule::PrimaryKey { .. } | ColumnRule::Unique);
        column
            .constraints
            .iter()
            .any(|constraint| is_key(&constraint.rule))
            .then(|| vec![column.name.value.as_str()])
    });
    let of_table = definition.constraints().iter().filter_map(|constraint| match &constraint.rule {
        TableRule::PrimaryKey { columns, .. } | TableRule::Unique { columns } => {
            Some(columns.iter().map(|name| name.value.as_str()).collect())
        }
        _ => None,
    });
    of_columns.chain(of_table).filter_map(|key: Vec<&str>| key_rule(rebuild, &key)).collect()
}

fn key_rule(rebuild: &Rebuild, key: &[&str]) -> Option<Rule> {
    let sources: Vec<_> = key.iter().map(|name| rebuild.copy.source(name)).collect::<Option<_>>()?;
    let columns: Vec<_> = key.iter().map(|name| format!("{}.{name}", rebuild.temporary)).collect();
    let not_null: Vec<_> = sources.iter().map(|source| format!("{source} IS NOT NULL")).collect();
    let value: Vec<_> = sources.iter().map(|source| format!("quote({source})")).collect();
    Some(Rule {
        message: format!("UNIQUE constraint failed: {}", columns.join(", ")),
        described: format!("the key {}, which must be unique", key.join(", ")),
        query: format!(
            "SELECT count(*), min(value) FROM (SELECT {} AS value FROM main.{} WHERE {} GROUP BY {} \
             HAVING count(*) > 1)",
            value.join(" || ', ' || "),
            quote(&rebuild.table),
            not_null.join(" AND "),
            sources.join(", ")
        ),
    })
}

/// Checks, as far as their expressions mean something to the old table.
fn checks(rebuild: &Rebuild) -> Vec<Rule> {
    let definition = &rebuild.definition;
    let rule = |name: Option<&str>, expression: &str| Rule {
        message: format!("CHECK constraint failed: {}", name.unwrap_or(expression)),
        described: match name {
            Some(name) => format!("check {name}"),
            None => format!("CHECK ({expression})"),
        },
        query: count(rebuild, &format!("NOT ({expression})"), &whole_row(rebuild)),
    };
    all_checks(definition).into_iter().map(|(name, expression)| rule(name, expression)).collect()
}

fn all_checks(definition: &CreateTable) -> Vec<(Option<&str>, &str)> {
    let of_columns =
        definition.columns().iter().flat_map(|column| &column.constraints).filter_map(|constraint| {
            match &constraint.rule {
                ColumnRule::Check { expression } => Some((&constraint.name, expression)),
                _ => None,
            }
        });
    let of_table = definition.constraints().iter().filter_map(|constraint| match &constraint.rule {
        TableRule::Check { expression } => Some((&constraint.name, expression)),
        _ => None,
    });
    of_columns
        .chain(of_table)
        .map(|(name, span)| (name.as_ref().map(|name| name.value.as_str()), definition.slice(span)))
        .collect()
}
