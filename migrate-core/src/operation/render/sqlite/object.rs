use super::super::contradiction;
use super::{Fault, QUOTE, enclosed};
use crate::connection::Dialect;
use crate::operation::{Timing, Trigger, TriggerEvent, View};

pub(super) const NO_MATERIALIZED_VIEWS: Fault = Fault::Unsupported("it has no materialised views");

/// A view; one that takes another's place drops that first.
pub(super) fn create_view(view: &View) -> Result<Vec<String>, Fault> {
    contradiction::of_view(view)?;
    if view.materialized {
        return Err(NO_MATERIALIZED_VIEWS);
    }
    if !view.options.is_empty() {
        return Err(Fault::Unsupported("its views have no options"));
    }
    let name = QUOTE.qualified(&view.name)?;
    let columns = match view.columns.as_slice() {
        [] => String::new(),
        columns => format!(" {}", QUOTE.list(columns)?),
    };
    let mut statements = Vec::new();
    if view.or_replace {
        statements.push(format!("DROP VIEW IF EXISTS {name}"));
    }
    let query = view.query.for_dialect(Dialect::Sqlite)?;
    statements.push(format!("CREATE VIEW {name}{columns} AS {query}"));
    Ok(statements)
}

/// A trigger; one that takes another's place drops that first.
pub(super) fn create_trigger(trigger: &Trigger) -> Result<Vec<String>, Fault> {
    if !trigger.for_each_row {
        return Err(Fault::Unsupported("a trigger fires for each row there"));
    }
    let name = QUOTE.qualified(&trigger.table.sibling(&trigger.name))?;
    let timing = match trigger.timing {
        Timing::Before => "BEFORE",
        Timing::After => "AFTER",
        Timing::InsteadOf => "INSTEAD OF",
    };
    let event = event(&trigger.events)?;
    let table = QUOTE.name(&trigger.table.name)?;
    let when = match &trigger.when {
        Some(condition) => format!(" WHEN {}", enclosed(condition)?),
        None => String::new(),
    };
    let action = trigger.action.for_dialect(Dialect::Sqlite)?.trim().trim_end_matches(';');
    let mut statements = Vec::new();
    if trigger.or_replace {
        statements.push(format!("DROP TRIGGER IF EXISTS {name}"));
    }
    statements.push(format!(
        "CREATE TRIGGER {name} {timing} {event} ON {table} FOR EACH ROW{when}\nBEGIN\n  {action};\nEND"
    ));
    Ok(statements)
}

fn event(events: &[TriggerEvent]) -> Result<String, Fault> {
    match events {
        [] => Err(Fault::malformed("it fires for nothing")),
        [TriggerEvent::Insert] => Ok("INSERT".to_owned()),
        [TriggerEvent::Delete] => Ok("DELETE".to_owned()),
        [TriggerEvent::Update(columns)] if columns.is_empty() => Ok("UPDATE".to_owned()),
        [TriggerEvent::Update(columns)] => {
            let columns: Vec<_> =
                columns.iter().map(|column| QUOTE.name(column)).collect::<Result<_, _>>()?;
            Ok(format!("UPDATE OF {}", columns.join(", ")))
        }
        [TriggerEvent::Truncate] => Err(Fault::Unsupported("it has no TRUNCATE")),
        _ => Err(Fault::Unsupported("a trigger fires for one kind of change there")),
    }
}
