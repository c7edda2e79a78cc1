use crate::operation::{ColumnDefault, Constraint, Name, Operation, Rows, TableChange, Value};
use crate::safety::case::Case;
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "enum-value-in-transaction",
    summary: "a new value of an enum type that is used before the transaction that adds it has ended",
    level: Level::Warn,
    concern: Concern::Failure,
    dialects: POSTGRES,
    lock: "none: it fails",
    explanation: "\
From PostgreSQL 12 on a transaction may add a value to an enum type, but not use it: an INSERT, an UPDATE or a default \
with the value fails with `unsafe use of new value`. Before 12 it may not even add one. A type that the same \
transaction creates is free of that. Use the value in the next revision.",
    example: Example::new(
        "cx.add_enum_value(\"mood\", \"fine\")?;\ncx.set_default(\"users\", \"mood\", \"fine\")?;",
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    if !case.step.transaction {
        return Vec::new();
    }
    case.operations()
        .filter_map(|(at, operation)| {
            let Operation::AddEnumValue { name, value } = operation else { return None };
            if creates(case, at, name) {
                return None;
            }
            let code = case.code();
            if case.facts.is_before(12) {
                let add = format!("cx.add_enum_value({}, {})?;", code.name(name), code.text(&value.value));
                let danger = format!("before PostgreSQL 12 no transaction may add a value to {name}");
                return Some(Hit::at(at, danger).instead(Alternative::outside_transaction(add)));
            }
            let user = case.operations().skip(at + 1).find(|(_, later)| uses(case, later, &value.value));
            let other = Alternative::note(format!("only what does not use {:?} stays here", value.value))
                .and_note("and what does comes in the next revision");
            match user {
                Some((user, later)) => {
                    let may = if matches!(later, Operation::Data { .. }) { "may use" } else { "uses" };
                    let danger =
                        format!("`{later}` {may} the value {:?}, which this transaction has only just added", value.value);
                    Some(Hit::at(user, danger).instead(other))
                }
                None if case.step.opaque => {
                    let danger = format!(
                        "the body then works on its connection, where {:?} cannot be used in this transaction",
                        value.value
                    );
                    Some(Hit::step(danger).instead(other))
                }
                None => None,
            }
        })
        .collect()
}

fn creates(case: &Case<'_>, at: usize, name: &Name) -> bool {
    case.operations()
        .take(at)
        .any(|(_, earlier)| matches!(earlier, Operation::CreateEnum(created) if same(&created.name, name)))
}

/// Whether an operation uses a value; a step in Rust may.
fn uses(case: &Case<'_>, operation: &Operation, value: &str) -> bool {
    let is_value = |other: &Value| matches!(other, Value::Text(text) if text == value);
    let literal = format!("'{}'", value.replace('\'', "''"));
    let in_sql = |sql: &crate::operation::Sql<'_>| {
        sql.for_dialect(case.dialect).is_ok_and(|sql| sql.contains(&literal))
    };
    let in_default = |default: Option<&ColumnDefault>| match default {
        Some(ColumnDefault::Literal(literal)) => is_value(literal),
        Some(ColumnDefault::Expression(sql)) => in_sql(sql),
        _ => false,
    };
    let in_rows = |rows: &Rows| rows.rows.iter().flatten().any(is_value);
    match operation {
        Operation::InsertRows(rows) | Operation::DeleteRows(rows) => in_rows(rows),
        Operation::Execute(sql) => in_sql(sql),
        Operation::Data { .. } => true,
        Operation::CreateTable(table) => {
            table.columns.iter().any(|column| in_default(column.default.as_ref()))
        }
        Operation::CreateIndex(index) => index.predicate.as_ref().is_some_and(in_sql),
        Operation::AlterTable(alter) => alter.changes.iter().any(|change| match change {
            TableChange::AddColumn(column) => in_default(column.default.as_ref()),
            TableChange::AlterColumn { change, .. } => {
                in_default(change.default.as_ref().and_then(Option::as_ref))
                    || change.using.as_ref().is_some_and(in_sql)
            }
            TableChange::AddConstraint(constraint) => match &**constraint {
                Constraint::Check(check) => in_sql(&check.condition),
                _ => false,
            },
            _ => false,
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn every_use_in_the_same_transaction_is_found() {
        type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;
        let uses: [Body; 6] = [
            |cx| cx.set_default("users", "mood", "fine"),
            |cx| cx.bulk_insert(rows("users", ["mood"]).row(("fine",))),
            |cx| cx.execute("UPDATE users SET mood = 'fine'"),
            |cx| cx.data("mend moods", |_| Ok(())),
            |cx| cx.add_constraint("users", check("mood <> 'fine'").not_valid()),
            |cx| cx.connection().map(|_| ()),
        ];
        for body in uses {
            let add_and_use = |cx: &mut Context<'_, AnyConnection>| {
                cx.add_enum_value("mood", "fine")?;
                body(cx)
            };
            step(add_and_use).finds(&RULE);
            step(add_and_use).outside_transaction().passes(&RULE);
        }
    }

    #[test]
    fn alone_and_with_a_new_type_it_is_fine_from_12_on() {
        let add = |cx: &mut Context<'_, AnyConnection>| {
            cx.add_enum_value("mood", "fine")?;
            cx.set_default("users", "mood", "ok")
        };
        step(add).passes(&RULE);
        step(add).version(11).finds(&RULE);
        step(|cx| {
            cx.create_enum(enum_type("mood", ["ok"]))?;
            cx.add_enum_value("mood", "fine")?;
            cx.execute("UPDATE users SET mood = 'fine'")
        })
        .passes(&RULE);
    }
}
