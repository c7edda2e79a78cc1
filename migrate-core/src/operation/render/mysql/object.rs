use super::super::contradiction;
use super::{Fault, QUOTE, enclosed};
use crate::connection::Dialect;
use crate::operation::{Sequence, Timing, Trigger, TriggerEvent, View};

pub(super) const NO_MATERIALIZED_VIEWS: Fault = Fault::Unsupported("it has no materialised views");

pub(super) fn create_view(view: &View) -> Result<String, Fault> {
    contradiction::of_view(view)?;
    if view.materialized {
        return Err(NO_MATERIALIZED_VIEWS);
    }
    if !view.options.is_empty() {
        return Err(Fault::Unsupported("its views have no options"));
    }
    let columns = match view.columns.as_slice() {
        [] => String::new(),
        columns => format!(" {}", QUOTE.list(columns)?),
    };
    let or_replace = if view.or_replace { "OR REPLACE " } else { "" };
    let query = view.query.for_dialect(Dialect::Mysql)?;
    Ok(format!("CREATE {or_replace}VIEW {}{columns} AS {query}", QUOTE.qualified(&view.name)?))
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
        Timing::InsteadOf => {
            return Err(Fault::Unsupported("a trigger fires before or after a change there"));
        }
    };
    let event = event(&trigger.events)?;
    let table = QUOTE.qualified(&trigger.table)?;
    let action = trigger.action.for_dialect(Dialect::Mysql)?.trim().trim_end_matches(';');
    let body = match &trigger.when {
        Some(condition) => format!("IF {} THEN\n    {action};\n  END IF", enclosed(condition)?),
        None => action.to_owned(),
    };
    let mut statements = Vec::new();
    if trigger.or_replace {
        statements.push(format!("DROP TRIGGER IF EXISTS {name}"));
    }
    statements.push(format!(
        "CREATE TRIGGER {name} {timing} {event} ON {table} FOR EACH ROW\nBEGIN\n  {body};\nEND"
    ));
    Ok(statements)
}

fn event(events: &[TriggerEvent]) -> Result<&'static str, Fault> {
    match events {
        [] => Err(Fault::malformed("it fires for nothing")),
        [TriggerEvent::Insert] => Ok("INSERT"),
        [TriggerEvent::Delete] => Ok("DELETE"),
        [TriggerEvent::Update(columns)] if columns.is_empty() => Ok("UPDATE"),
        [TriggerEvent::Update(_)] => {
            Err(Fault::Unsupported("a trigger fires for every change of a row there, whatever its columns"))
        }
        [TriggerEvent::Truncate] => Err(Fault::Unsupported("TRUNCATE fires no trigger there")),
        _ => Err(Fault::Unsupported("a trigger fires for one kind of change there")),
    }
}

/// A sequence, which MariaDB has.
pub(super) fn create_sequence(sequence: &Sequence) -> Result<String, Fault> {
    if sequence.owned_by.is_some() {
        return Err(Fault::Unsupported("a sequence belongs to no column there"));
    }
    if sequence.type_.is_some() {
        return Err(Fault::Unsupported("a sequence has no type there"));
    }
    let if_not_exists = if sequence.if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE SEQUENCE {if_not_exists}{}", QUOTE.qualified(&sequence.name)?);
    let numbers = [
        (" START WITH ", sequence.start),
        (" INCREMENT BY ", sequence.increment),
        (" MINVALUE ", sequence.min),
        (" MAXVALUE ", sequence.max),
        (" CACHE ", sequence.cache),
    ];
    for (word, number) in numbers {
        if let Some(number) = number {
            sql.extend([word, &number.to_string()]);
        }
    }
    if sequence.cycle {
        sql.push_str(" CYCLE");
    }
    Ok(sql)
}
