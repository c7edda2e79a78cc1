use crate::sqlite::create_table::{ColumnRule, CreateTable};
use crate::sqlite::edit::Edit;
use crate::sqlite::name::{quote, same};

/// The copy of the rows, column by column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    table: String,
    temporary: String,
    /// Each column that is written, and the expression over the old table that it is written from.
    pub(super) columns: Vec<(String, String)>,
    /// The name under which both tables show their rowid, when that is copied too.
    rowid: Option<&'static str>,
}

impl Copy {
    pub(super) fn new(
        table: &str,
        temporary: &str,
        before: &CreateTable,
        after: &CreateTable,
        edits: &[Edit],
    ) -> Self {
        let mut columns: Vec<_> = after
            .columns()
            .iter()
            .filter(|column| !column.is_generated())
            .filter_map(|column| {
                let name = &column.name.value;
                // A column that was dropped took its values with it: one of its name is another one.
                let dropped = edits.iter().rposition(|edit| drops(edit, name));
                let own =
                    || before.column(name).filter(|_| dropped.is_none()).map(|old| quote(&old.name.value));
                let since = &edits[dropped.unwrap_or(0)..];
                let source = filled(since, name).map(|expression| format!("({expression})")).or_else(own)?;
                Some((name.clone(), source))
            })
            .collect();
        let rowid = rowid(before, after, &columns);
        if columns.is_empty() && rowid.is_none() {
            // Nothing of the old rows stays but their number.
            columns.extend(any_column(after));
        }
        Self { table: table.to_owned(), temporary: temporary.to_owned(), columns, rowid }
    }

    /// The statement. What a constraint says of conflicts does not hold for it: no row may get lost.
    pub(super) fn statement(&self) -> String {
        let rowid = self.rowid.map(|name| (name.to_owned(), name.to_owned()));
        let (names, sources): (Vec<_>, Vec<_>) = rowid
            .into_iter()
            .chain(self.columns.iter().map(|(name, source)| (quote(name), source.clone())))
            .unzip();
        format!(
            "INSERT OR ABORT INTO main.{} ({}) SELECT {} FROM main.{}",
            quote(&self.temporary),
            names.join(", "),
            sources.join(", "),
            quote(&self.table)
        )
    }

    /// The expression that a column is written from.
    pub(super) fn source(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|(name, _)| same(name, column)).map(|(_, source)| source.as_str())
    }
}

fn drops(edit: &Edit, wanted: &str) -> bool {
    matches!(edit, Edit::DropColumn { column } if same(column, wanted))
}

/// The last word on what a column is filled with.
fn filled<'e>(edits: &'e [Edit], wanted: &str) -> Option<&'e str> {
    edits.iter().rev().find_map(|edit| match edit {
        Edit::Fill { column, expression } if same(column, wanted) => Some(expression.as_str()),
        _ => None,
    })
}

/// The name of the rowid when the copy must be told it: the old table has one, and no copied column stands for it.
fn rowid(before: &CreateTable, after: &CreateTable, copied: &[(String, String)]) -> Option<&'static str> {
    let has_rowid = !before.options().without_rowid && !after.options().without_rowid;
    let alias = after.rowid_alias();
    let is_copied = |name: &str| copied.iter().any(|(column, _)| same(column, name));
    if !has_rowid || alias.is_some_and(|alias| is_copied(&alias.name.value)) {
        return None;
    }
    let free = |name: &&str| before.column(name).is_none() && after.column(name).is_none();
    ["rowid", "_rowid_", "oid"].into_iter().find(free)
}

fn any_column(after: &CreateTable) -> Option<(String, String)> {
    let column = after.columns().iter().find(|column| !column.is_generated())?;
    let default = column.constraints.iter().rev().find_map(|constraint| match &constraint.rule {
        ColumnRule::Default { value } => Some(after.slice(value).to_owned()),
        _ => None,
    });
    Some((column.name.value.clone(), default.unwrap_or_else(|| "NULL".to_owned())))
}
