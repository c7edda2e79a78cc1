use super::writer::{Outcome, Writer};
use crate::operation::{Dropped, Name, Timing, Trigger, TriggerEvent};

impl Writer<'_> {
    pub(super) fn create_trigger(&self, trigger: &Trigger) -> Outcome<String> {
        if trigger.table.name.is_empty() {
            return Err(self.malformed("it has no table; `on` gives it one"));
        }
        if trigger.events.is_empty() {
            return Err(self.malformed("it fires for nothing"));
        }
        let name = self.name(&trigger.name)?;
        let table = self.qualified(&trigger.table)?;
        let timing = match trigger.timing {
            Timing::Before => "BEFORE",
            Timing::After => "AFTER",
            Timing::InsteadOf => "INSTEAD OF",
        };
        let events = trigger.events.iter().map(|event| self.event(event));
        let events = events.collect::<Outcome<Vec<_>>>()?.join(" OR ");
        let each = if trigger.for_each_row { "ROW" } else { "STATEMENT" };
        let when = match &trigger.when {
            Some(condition) => format!(" WHEN {}", self.expression(condition)?),
            None => String::new(),
        };
        let action = self.sql(&trigger.action)?;
        let create = format!(
            "CREATE TRIGGER {name} {timing} {events} ON {table}\nFOR EACH {each}{when} EXECUTE FUNCTION {action}"
        );
        // `OR REPLACE` came with PostgreSQL 14. Sent as one, the two take effect together, also outside of a
        // transaction.
        let drop = format!("DROP TRIGGER IF EXISTS {name} ON {table};\n");
        Ok(if trigger.or_replace { drop + &create } else { create })
    }

    fn event(&self, event: &TriggerEvent) -> Outcome<String> {
        Ok(match event {
            TriggerEvent::Insert => "INSERT".to_owned(),
            TriggerEvent::Update(columns) if columns.is_empty() => "UPDATE".to_owned(),
            TriggerEvent::Update(columns) => {
                let columns = columns.iter().map(|column| self.name(column)).collect::<Outcome<Vec<_>>>()?;
                format!("UPDATE OF {}", columns.join(", "))
            }
            TriggerEvent::Delete => "DELETE".to_owned(),
            TriggerEvent::Truncate => "TRUNCATE".to_owned(),
        })
    }

    pub(super) fn drop_trigger(&self, trigger: &Dropped<Trigger>, table: &Name) -> Outcome<String> {
        let name = format!("{} ON {}", self.name(&trigger.name.name)?, self.qualified(table)?);
        self.drop("TRIGGER", trigger, &name)
    }
}
