use std::fmt::Write as _;

use super::writer::{Outcome, Writer};
use crate::operation::render::Statement;
use crate::operation::{Dropped, Index, IndexKey, KeyTarget, Name, ReindexTarget};

impl Writer<'_> {
    pub(super) fn create_index(
        &self,
        index: &Index,
        concurrently: bool,
        if_not_exists: bool,
    ) -> Outcome<Statement> {
        self.check_index(index)?;
        let keys = index.keys.iter().map(|key| self.key(key)).collect::<Outcome<Vec<_>>>()?.join(", ");
        let mut sql = "CREATE ".to_owned();
        for (word, there) in [
            ("UNIQUE ", index.unique),
            ("INDEX ", true),
            ("CONCURRENTLY ", concurrently),
            ("IF NOT EXISTS ", if_not_exists),
        ] {
            sql.push_str(if there { word } else { "" });
        }
        let _ = write!(sql, "{} ON {}", self.name(&index.name)?, self.qualified(&index.table)?);
        if let Some(method) = &index.using {
            let _ = write!(sql, " USING {}", self.name(method)?);
        }
        let _ = write!(sql, " ({keys})");
        if !index.include.is_empty() {
            let _ = write!(sql, " INCLUDE {}", self.names(&index.include)?);
        }
        if index.nulls_not_distinct {
            sql.push_str(" NULLS NOT DISTINCT");
        }
        if !index.options.is_empty() {
            let _ = write!(sql, " WITH {}", self.parameters(&index.options)?);
        }
        if let Some(tablespace) = &index.tablespace {
            let _ = write!(sql, " TABLESPACE {}", self.name(tablespace)?);
        }
        if let Some(predicate) = &index.predicate {
            let _ = write!(sql, " WHERE {}", self.expression(predicate)?);
        }
        Ok(statement(sql, concurrently))
    }

    fn key(&self, key: &IndexKey) -> Outcome<String> {
        let mut sql = match &key.on {
            KeyTarget::Column(column) => self.name(column)?,
            KeyTarget::Expression(expression) => self.expression(expression)?,
        };
        if let Some(collation) = &key.collation {
            let _ = write!(sql, " COLLATE {}", self.name(collation)?);
        }
        if let Some(opclass) = &key.opclass {
            let _ = write!(sql, " {opclass}");
        }
        if key.descending {
            sql.push_str(" DESC");
        }
        match key.nulls_first {
            Some(true) => sql.push_str(" NULLS FIRST"),
            Some(false) => sql.push_str(" NULLS LAST"),
            None => {}
        }
        Ok(sql)
    }

    fn check_index(&self, index: &Index) -> Outcome<()> {
        if index.table.name.is_empty() {
            return Err(self.malformed("it has no table; `on` gives it one"));
        }
        if index.keys.is_empty() {
            return Err(self.malformed("it has no columns"));
        }
        if index.nulls_not_distinct && !index.unique {
            return Err(self.malformed("whether NULLs are alike matters in a unique index only"));
        }
        Ok(())
    }

    pub(super) fn drop_index(&self, index: &Dropped<Index>, table: &Name) -> Outcome<Statement> {
        // An index lives in its table's schema.
        let schema = index.name.schema.as_ref().or(table.schema.as_ref()).cloned();
        let name = self.qualified(&Name { schema, name: index.name.name.clone() })?;
        if !index.concurrently {
            return Ok(Statement::new(self.drop("INDEX", index, &name)?));
        }
        if index.cascade {
            return Err(self.malformed("what depends on it is not dropped CONCURRENTLY"));
        }
        let if_exists = if index.if_exists { "IF EXISTS " } else { "" };
        Ok(Statement::outside_transaction(format!("DROP INDEX CONCURRENTLY {if_exists}{name}")))
    }

    pub(super) fn reindex(&self, target: &ReindexTarget, concurrently: bool) -> Outcome<Statement> {
        let (kind, name) = match target {
            ReindexTarget::Index(name) => ("INDEX", name),
            ReindexTarget::Table(name) => ("TABLE", name),
        };
        let word = if concurrently { "CONCURRENTLY " } else { "" };
        Ok(statement(format!("REINDEX {kind} {word}{}", self.qualified(name)?), concurrently))
    }
}

fn statement(sql: String, concurrently: bool) -> Statement {
    if concurrently { Statement::outside_transaction(sql) } else { Statement::new(sql) }
}
