//! What a schema holds while a list of operations on it is made up.

use migrate_core::operation::{
    Column, ColumnType, Constraint, EnumType, Index, KeyTarget, Sql, Table, index, key, key_expression,
};

/// A table as it would have to be created now.
pub(super) struct Known {
    pub(super) definition: Table,
    /// Whether the definition gives every constraint the name that it has: default names are those of the table's
    /// first name.
    pub(super) is_faithful: bool,
}

impl Known {
    pub(super) fn name(&self) -> String {
        self.definition.name.name.clone()
    }

    /// The columns, but for the key, that nothing in the table mentions.
    pub(super) fn free_columns(&self) -> Vec<usize> {
        self.places(|column| !column.primary_key && !self.is_mentioned(&column.name))
    }

    /// The free columns that come back as they were when they are dropped and added again.
    pub(super) fn droppable(&self) -> Vec<usize> {
        let mut places = self.free_columns();
        places.retain(|place| self.is_faithful || is_plain(&self.definition.columns[*place]));
        places
    }

    /// The free columns whose name is part of no other.
    pub(super) fn renameable(&self) -> Vec<usize> {
        let mut places = self.free_columns();
        places.retain(|place| is_plain(&self.definition.columns[*place]));
        places
    }

    /// The columns that hold values of their own and refer to nothing.
    pub(super) fn alterable(&self) -> Vec<usize> {
        let refers = |column: &Column| {
            let is = |own: &Constraint| matches!(own, Constraint::ForeignKey(key) if key.columns.contains(&column.name));
            column.references.is_some() || self.definition.constraints.iter().any(is)
        };
        self.places(|column| !column.primary_key && column.generated.is_none() && !refers(column))
    }

    /// The columns of a type.
    pub(super) fn columns_of(&self, type_: &ColumnType) -> Vec<usize> {
        self.places(|column| column.type_ == *type_ && column.generated.is_none())
    }

    fn places(&self, is: impl Fn(&Column) -> bool) -> Vec<usize> {
        let columns = self.definition.columns.iter().enumerate();
        columns.filter(|(_, column)| is(column)).map(|(place, _)| place).collect()
    }

    fn is_mentioned(&self, column: &str) -> bool {
        let constraints = self.definition.constraints.iter().any(|constraint| match constraint {
            Constraint::Unique(unique) => unique.columns.iter().any(|own| own == column),
            Constraint::ForeignKey(key) => key.columns.iter().any(|own| own == column),
            Constraint::Check(check) => says(&check.condition, column),
            _ => true,
        });
        let indexes = self.definition.indexes.iter().any(|index| {
            let in_keys = index.keys.iter().any(|key| match &key.on {
                KeyTarget::Column(own) => own == column,
                KeyTarget::Expression(sql) => says(sql, column),
            });
            in_keys || index.predicate.as_ref().is_some_and(|sql| says(sql, column))
        });
        constraints || indexes
    }

    /// Whether it refers to a table.
    pub(super) fn refers_to(&self, table: &str) -> bool {
        let of_columns = self.definition.columns.iter().filter_map(|column| column.references.as_ref());
        let of_table = self.definition.constraints.iter().filter_map(|constraint| match constraint {
            Constraint::ForeignKey(key) => Some(&key.references),
            _ => None,
        });
        of_columns.chain(of_table).any(|target| target.table.name == table)
    }

    /// Lets references follow a renamed table.
    pub(super) fn follow(&mut self, from: &str, to: &str) {
        let of_columns = self.definition.columns.iter_mut().filter_map(|column| column.references.as_mut());
        let of_table = self.definition.constraints.iter_mut().filter_map(|constraint| match constraint {
            Constraint::ForeignKey(key) => Some(&mut key.references),
            _ => None,
        });
        for target in of_columns.chain(of_table).filter(|target| target.table.name == from) {
            target.table = to.into();
        }
    }

    /// Gives the columns of the enum its new values.
    pub(super) fn replace_enum(&mut self, to: &EnumType, mapping: &[(String, String)]) {
        use migrate_core::operation::{ColumnDefault, Value};
        for column in &mut self.definition.columns {
            let ColumnType::Enum(_) = &column.type_ else { continue };
            column.type_ = to.into();
            if let Some(ColumnDefault::Literal(Value::Text(old))) = &column.default {
                let new = mapping.iter().find(|(from, _)| from == old).map(|(_, to)| to.clone());
                column.default = new.map(|new| ColumnDefault::Literal(Value::Text(new)));
            }
        }
    }
}

/// Whether a column has nothing with a name that is made of its own.
fn is_plain(column: &Column) -> bool {
    let has_constraints = column.unique || !column.checks.is_empty() || column.references.is_some();
    !has_constraints && !matches!(column.type_, ColumnType::Enum(_))
}

fn says(sql: &Sql<'_>, column: &str) -> bool {
    sql.for_dialect(migrate_core::connection::Dialect::Sqlite).unwrap().contains(&quoted(column))
}

/// A name in SQL of both servers.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// An index of a kind that both servers have, on a column.
pub(super) fn index_on(name: String, table: &str, column: &Column, kind: u8) -> Index {
    let own = quoted(&column.name);
    let index = index(name);
    match kind {
        0 => index.on(table, [key(&*column.name)]),
        1 => index.on(table, [key(&*column.name).desc()]),
        2 => index.on(table, [key(&*column.name)]).filter(format!("{own} IS NOT NULL")),
        _ => index.on(table, [key_expression(format!("coalesce({own}, {own})"))]).unique(),
    }
}
