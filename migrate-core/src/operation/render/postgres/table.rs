use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::part::{Part, Parts};
use super::writer::{Outcome, Writer};
use crate::operation::naming::ConstraintNames;
use crate::operation::render::Statement;
use crate::operation::{CommentTarget, Constraint, Table};

impl Writer<'_> {
    /// `CREATE TABLE`, then its indexes and comments.
    pub(super) fn create_table<'t>(&self, table: &'t Table) -> Outcome<Parts<'t>> {
        self.check_table(table)?;
        let mut parts = vec![(Part::CreateTable(table), Statement::new(self.table(table)?))];
        for index in &table.indexes {
            // Nobody writes to a table that nobody sees yet.
            let statement = self.create_index(index, false, index.if_not_exists || table.if_not_exists)?;
            parts.push((Part::CreateTableIndex(index), statement));
        }
        if let Some(comment) = &table.comment {
            parts.push(self.comment_part(CommentTarget::Table(table.name.clone()), Some(comment))?);
        }
        for column in &table.columns {
            if let Some(comment) = &column.comment {
                let target = CommentTarget::Column(table.name.clone(), column.name.clone());
                parts.push(self.comment_part(target, Some(comment))?);
            }
        }
        Ok(parts)
    }

    fn table(&self, table: &Table) -> Outcome<String> {
        let mut names = ConstraintNames::of_table(table);
        let mut lines = Vec::with_capacity(table.columns.len() + table.constraints.len());
        for column in &table.columns {
            lines.push(format!("\n    {}", self.column(column, &mut names)?));
        }
        for constraint in &table.constraints {
            let name = names.constraint(constraint);
            lines.push(format!("\n    {}", self.constraint(constraint, &name, true)?));
        }
        let unlogged = if table.options.unlogged { "UNLOGGED " } else { "" };
        let if_not_exists = if table.if_not_exists { "IF NOT EXISTS " } else { "" };
        let name = self.qualified(&table.name)?;
        let mut sql = format!("CREATE {unlogged}TABLE {if_not_exists}{name} ({}\n)", lines.join(","));
        if let Some(partition_by) = &table.options.partition_by {
            let _ = write!(sql, " PARTITION BY {partition_by}");
        }
        if !table.options.storage.is_empty() {
            let _ = write!(sql, " WITH {}", self.parameters(&table.options.storage)?);
        }
        if let Some(tablespace) = &table.options.tablespace {
            let _ = write!(sql, " TABLESPACE {}", self.name(tablespace)?);
        }
        Ok(sql)
    }

    fn check_table(&self, table: &Table) -> Outcome<()> {
        let of_columns = table.columns.iter().filter(|column| column.primary_key).count();
        let of_table = table.constraints.iter().filter(|it| matches!(it, Constraint::PrimaryKey(_))).count();
        if of_columns + of_table > 1 {
            return Err(self.malformed(
                "it has more than one primary key; one of several columns is `primary_key([…])`",
            ));
        }
        let mut seen = BTreeSet::new();
        match table.columns.iter().find(|column| !seen.insert(column.name.as_str())) {
            Some(column) => Err(self.malformed(format!("it has two columns {}", column.name))),
            None => Ok(()),
        }
    }
}
