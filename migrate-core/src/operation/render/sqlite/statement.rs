use super::super::{Piece, Statement, contradiction};
use super::{Fault, QUOTE, index, lower, object, rows, table};
use crate::connection::Dialect;
use crate::operation::{Dropped, Name, Operation, OperationError, ReindexTarget};

/// What an operation is on SQLite.
pub(in crate::operation::render) fn render(operation: &Operation) -> Result<Vec<Piece>, OperationError> {
    pieces(operation).map_err(|fault| fault.of(operation, Dialect::Sqlite))
}

fn pieces(operation: &Operation) -> Result<Vec<Piece>, Fault> {
    let statements = match operation {
        Operation::CreateTable(table) => table::create(table)?,
        Operation::DropTable(table) => vec![dropped("TABLE", table, &table.name)?],
        Operation::RenameTable { from, to } => {
            vec![format!("ALTER TABLE {} RENAME TO {}", QUOTE.qualified(from)?, QUOTE.name(to)?)]
        }
        Operation::CreateIndex(index) => vec![index::create(index, &index.table)?],
        Operation::DropIndex { index, table } => {
            vec![dropped("INDEX", index, &table.sibling(&index.name.name))?]
        }
        Operation::Reindex { target: ReindexTarget::Index(name) | ReindexTarget::Table(name), .. } => {
            vec![reindex(name)?]
        }
        Operation::CreateView(view) if !view.or_replace => object::create_view(view)?,
        Operation::DropView { materialized: true, .. } => return Err(object::NO_MATERIALIZED_VIEWS),
        Operation::DropView { view, .. } => vec![dropped("VIEW", view, &view.name)?],
        Operation::CreateTrigger(trigger) => object::create_trigger(trigger)?,
        Operation::DropTrigger { trigger, table } => {
            vec![dropped("TRIGGER", trigger, &table.sibling(&trigger.name.name))?]
        }
        Operation::InsertRows(rows) => rows::insert(rows)?,
        Operation::DeleteRows(rows) => rows::delete(rows)?,
        Operation::AlterTable(_)
        | Operation::RenameIndex { .. }
        | Operation::ReplaceEnum(_)
        | Operation::CreateView(_) => {
            let resolve = lower::check(operation)?.then(|| Piece::Resolve(Box::new(operation.clone())));
            return Ok(resolve.into_iter().collect());
        }
        // The values stand with each column.
        Operation::CreateEnum(enum_type) => {
            QUOTE.qualified(&enum_type.name)?;
            contradiction::of_enum(enum_type)?;
            Vec::new()
        }
        other => without_counterpart(other)?,
    };
    Ok(statements.into_iter().map(|sql| Statement::new(sql).into()).collect())
}

/// What SQLite has nothing of: no statement where the schema loses nothing by it, the reason otherwise.
fn without_counterpart(operation: &Operation) -> Result<Vec<String>, Fault> {
    Err(Fault::Unsupported(match operation {
        // The values stand with each column, and there is no place for a comment.
        Operation::DropEnum(_) | Operation::RenameEnum { .. } | Operation::Comment { .. } => {
            return Ok(Vec::new());
        }
        Operation::AddEnumValue { .. } | Operation::RenameEnumValue { .. } => {
            "the values stand with each column there, which replace_enum names"
        }
        Operation::RefreshView { .. } => return Err(object::NO_MATERIALIZED_VIEWS),
        Operation::CreateFunction(_) | Operation::DropFunction { .. } => "it has no functions of its own",
        Operation::CreateExtension(_) | Operation::DropExtension(_) => "it has no extensions of this kind",
        Operation::CreateSequence(_) | Operation::DropSequence(_) | Operation::RenameSequence { .. } => {
            "it has no sequences"
        }
        Operation::CreateSchema { .. } | Operation::DropSchema(_) | Operation::RenameSchema { .. } => {
            "a schema is an attached database there, which a connection attaches for itself"
        }
        _ => "it has nothing of the kind",
    }))
}

/// A `DROP`, of `name`: what lives in a table is in its table's schema.
fn dropped<D>(kind: &str, dropped: &Dropped<D>, name: &Name) -> Result<String, Fault> {
    if kind != "INDEX" {
        contradiction::of_dropped(dropped)?;
    }
    if dropped.cascade {
        return Err(Fault::Unsupported("it drops nothing but the object itself"));
    }
    let if_exists = if dropped.if_exists { "IF EXISTS " } else { "" };
    Ok(format!("DROP {kind} {if_exists}{}", QUOTE.qualified(name)?))
}

/// `REINDEX` takes a plain name for a collation first, so there always is a schema.
fn reindex(name: &Name) -> Result<String, Fault> {
    let schema = name.schema.as_deref().unwrap_or("main");
    Ok(format!("REINDEX {}.{}", QUOTE.name(schema)?, QUOTE.name(&name.name)?))
}
