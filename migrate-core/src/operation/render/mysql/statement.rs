use super::super::{Statement, contradiction};
use super::{Fault, QUOTE, alter, enums, index, no_cascade, object, plain_text, rows, table};
use crate::connection::Dialect;
use crate::operation::{Comment, CommentTarget, Dropped, Index, Name, Operation, OperationError};

/// The statements of an operation on MySQL and MariaDB.
pub(in crate::operation::render) fn render(operation: &Operation) -> Result<Vec<Statement>, OperationError> {
    let statements = statements(operation).map_err(|fault| fault.of(operation, Dialect::Mysql))?;
    Ok(statements.into_iter().map(Statement::new).collect())
}

fn statements(operation: &Operation) -> Result<Vec<String>, Fault> {
    Ok(match operation {
        Operation::CreateTable(table) => vec![table::create(table)?],
        Operation::DropTable(table) => vec![dropped("TABLE", table, &table.name)?],
        Operation::RenameTable { from, to } => {
            vec![format!(
                "RENAME TABLE {} TO {}",
                QUOTE.qualified(from)?,
                QUOTE.qualified(&from.sibling(to))?
            )]
        }
        Operation::AlterTable(changes) => alter::alter_table(changes)?,
        Operation::CreateIndex(index) => vec![index::create(index)?],
        Operation::DropIndex { index, table } => vec![drop_index(index, table)?],
        Operation::RenameIndex { table, from, to } => {
            let (from, to) = (QUOTE.name(from)?, QUOTE.name(to)?);
            vec![format!("ALTER TABLE {} RENAME INDEX {from} TO {to}", QUOTE.qualified(table)?)]
        }
        Operation::ReplaceEnum(replace) => enums::replace(replace)?,
        Operation::CreateView(view) => vec![object::create_view(view)?],
        Operation::DropView { materialized: true, .. } => return Err(object::NO_MATERIALIZED_VIEWS),
        Operation::DropView { view, .. } => vec![dropped("VIEW", view, &view.name)?],
        Operation::CreateTrigger(trigger) => object::create_trigger(trigger)?,
        Operation::DropTrigger { trigger, table } => {
            vec![dropped("TRIGGER", trigger, &table.sibling(&trigger.name.name))?]
        }
        Operation::CreateSequence(sequence) => vec![object::create_sequence(sequence)?],
        Operation::DropSequence(sequence) => vec![dropped("SEQUENCE", sequence, &sequence.name)?],
        Operation::CreateSchema { name, if_not_exists } => {
            let if_not_exists = if *if_not_exists { "IF NOT EXISTS " } else { "" };
            vec![format!("CREATE SCHEMA {if_not_exists}{}", QUOTE.name(name)?)]
        }
        Operation::DropSchema(schema) => vec![dropped("SCHEMA", schema, &schema.name)?],
        Operation::Comment { on, comment } => comment_on(on, comment)?.into_iter().collect(),
        Operation::InsertRows(rows) => rows::insert(rows)?,
        Operation::DeleteRows(rows) => rows::delete(rows)?,
        // The values stand with each column.
        Operation::CreateEnum(enum_type) => {
            QUOTE.qualified(&enum_type.name)?;
            contradiction::of_enum(enum_type)?;
            Vec::new()
        }
        other => without_counterpart(other)?,
    })
}

fn without_counterpart(operation: &Operation) -> Result<Vec<String>, Fault> {
    Err(Fault::Unsupported(match operation {
        // The values stand with each column.
        Operation::DropEnum(_) | Operation::RenameEnum { .. } => {
            return Ok(Vec::new());
        }
        Operation::AddEnumValue { .. } | Operation::RenameEnumValue { .. } => {
            "the values stand with each column there, which replace_enum names"
        }
        Operation::RefreshView { .. } => return Err(object::NO_MATERIALIZED_VIEWS),
        Operation::CreateFunction(_) | Operation::DropFunction { .. } => {
            "a function is written in its own SQL there"
        }
        Operation::CreateExtension(_) | Operation::DropExtension(_) => "it has no extensions of this kind",
        Operation::RenameSequence { .. } => "it renames no sequences",
        Operation::RenameSchema { .. } => "it renames no schemas",
        Operation::Reindex { .. } => "it builds no index anew",
        _ => "it has nothing of the kind",
    }))
}

/// A `DROP`, of `name`: what lives in a table is in its table's schema.
fn dropped<D>(kind: &str, dropped: &Dropped<D>, name: &Name) -> Result<String, Fault> {
    contradiction::of_dropped(dropped)?;
    no_cascade(dropped)?;
    let if_exists = if dropped.if_exists { "IF EXISTS " } else { "" };
    Ok(format!("DROP {kind} {if_exists}{}", QUOTE.qualified(name)?))
}

fn drop_index(index: &Dropped<Index>, table: &Name) -> Result<String, Fault> {
    no_cascade(index)?;
    if index.if_exists {
        return Err(Fault::Unsupported("MySQL has no IF EXISTS for an index"));
    }
    Ok(format!("DROP INDEX {} ON {}", QUOTE.name(&index.name.name)?, QUOTE.qualified(table)?))
}

/// A comment of a table. Those of other things than tables and columns are not kept.
fn comment_on(on: &CommentTarget, comment: &Comment) -> Result<Option<String>, Fault> {
    match on {
        CommentTarget::Table(table) => {
            let text = plain_text(comment.text.as_deref().unwrap_or_default())?;
            Ok(Some(format!("ALTER TABLE {} COMMENT = {text}", QUOTE.qualified(table)?)))
        }
        CommentTarget::Column(..) => Err(Fault::Unsupported(
            "the comment is part of a column's whole definition, which alter_column is told with `was`",
        )),
        _ => Ok(None),
    }
}
