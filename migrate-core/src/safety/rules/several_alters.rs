use std::collections::BTreeMap;

use crate::operation::{Name, Operation, TableChange};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "several-alters",
    summary: "changes to one table that read or write all its rows once each, and could do so together",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: EVERY,
    lock: "that of the changes",
    explanation: "\
Each change that reads or writes every row does so by itself: two of them take twice as long. In one `alter_table` \
they are one statement on PostgreSQL and MySQL, which goes through the rows once, and one rebuild on SQLite. Changes \
that touch no rows cost nothing and may stand alone.",
    example: Example::new(
        "cx.alter_column(\"users\", \"age\", alter().type_(BigInt).was(column(\"age\", Integer)))?;\n\
         cx.alter_column(\"users\", \"size\", alter().type_(BigInt).was(column(\"size\", Integer)))?;",
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    // Outside a transaction they stand apart on purpose: others come in between.
    if !case.step.transaction {
        return Vec::new();
    }
    let mut by_table: BTreeMap<&Name, Vec<usize>> = BTreeMap::new();
    for (at, operation) in case.operations() {
        if let Operation::AlterTable(alter) = operation
            && !case.is_new(&alter.table, at)
            && goes_through(case, at, &alter.table)
            && alter.changes.iter().all(can_join)
        {
            by_table.entry(&alter.table).or_default().push(at);
        }
    }
    let several = by_table.into_iter().filter(|(_, changes)| changes.len() > 1);
    several
        .map(|(table, changes)| {
            let danger = format!(
                "the rows of {} are gone through {} times, once for each change",
                case.sized(table),
                changes.len()
            );
            Hit::at(changes[1], danger).instead(together(case, table, &changes))
        })
        .collect()
}

/// A constraint is validated apart from what locks the table, so that others go on meanwhile.
fn can_join(change: &TableChange) -> bool {
    !matches!(change, TableChange::ValidateConstraint(_))
}

fn goes_through(case: &Case<'_>, at: usize, table: &Name) -> bool {
    case.effects().any(|(other, effect)| {
        other == at && (effect.rewrites.contains(table) || effect.scans.contains(table))
    })
}

fn together(case: &Case<'_>, table: &Name, operations: &[usize]) -> Alternative {
    let code = case.code();
    let changes = operations.iter().flat_map(|at| match &case.step.operations[*at].operation {
        Operation::AlterTable(alter) => alter.changes.as_slice(),
        _ => &[],
    });
    let changes: Vec<&TableChange> = changes.collect();
    let lines: Option<Vec<String>> = changes.into_iter().map(|change| code.change(change)).collect();
    match lines {
        Some(lines) => {
            let lines: Vec<_> = lines.iter().map(|line| format!("    changes.{line};")).collect();
            Alternative::code(format!(
                "cx.alter_table({}, |changes| {{\n{}\n}})?;",
                code.name(table),
                lines.join("\n")
            ))
        }
        None => Alternative::note("all of them in one alter_table"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::TableLock::AccessExclusive;
    use crate::prelude::*;
    use crate::safety::testing::{locks, rewrites, scans, step, step_on};

    fn two(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        cx.alter_column("users", "age", alter().type_(BigInt).using("age::bigint").not_null())?;
        cx.add_constraint("users", check("age > 0"))
    }

    #[test]
    fn they_are_put_together() {
        let tested = step(two).effect(0, rewrites("users")).effect(1, scans("users", AccessExclusive));
        assert_eq!(
            tested.instead(&RULE),
            r#"cx.alter_table("users", |changes| {
    changes.alter_column("age", alter().type_(BigInt).using("age::bigint").not_null());
    changes.add_constraint(check("age > 0"));
})?;"#
        );
        step_on(Dialect::Sqlite, two).effect(0, rewrites("users")).effect(1, rewrites("users")).finds(&RULE);
    }

    #[test]
    fn changes_without_rows_and_of_other_tables_are_fine() {
        let short = || locks("users", AccessExclusive);
        step(two).effect(0, rewrites("users")).effect(1, short()).passes(&RULE);
        step(two)
            .effect(0, rewrites("users"))
            .effect(1, rewrites("users"))
            .outside_transaction()
            .passes(&RULE);
        step(|cx| {
            cx.validate_constraint("users", "a")?;
            cx.validate_constraint("users", "b")
        })
        .effect(0, scans("users", AccessExclusive))
        .effect(1, scans("users", AccessExclusive))
        .passes(&RULE);
        step(|cx| {
            cx.add_constraint("users", check("a > 0"))?;
            cx.add_constraint("teams", check("a > 0"))
        })
        .effect(0, scans("users", AccessExclusive))
        .effect(1, scans("teams", AccessExclusive))
        .passes(&RULE);
    }
}
