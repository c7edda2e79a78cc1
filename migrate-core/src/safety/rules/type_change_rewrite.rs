use crate::operation::{ColumnChange, ColumnType, Name, Operation, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "type-change-rewrite",
    summary: "a change of type that writes every row anew",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
Most changes of type convert and write every row, and build every index that has the column again, under an \
`ACCESS EXCLUSIVE` lock. Free are: a longer `varchar`, `varchar` to `text`, a `numeric` of more digits with the same \
scale. To know that beforehand a rule needs the old type: `alter().type_(…).was(column(…))`. Replacing the values of \
an enum type converts its columns, too. A second column, filled in batches, does without the lock.",
    example: Example::new(
        r#"cx.alter_column("users", "age", alter().type_(BigInt).was(column("age", Integer)))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    let columns = case.changes().filter_map(|Change { at, table, change }| {
        let TableChange::AlterColumn { column, change } = change else { return None };
        let type_ = change.type_.as_ref()?;
        let rewrites = if case.has_effects(at) { case.rewrites(at, table) } else { converts(case, change) };
        if !rewrites {
            return None;
        }
        let known = change.was.is_some() || (case.has_effects(at) && !case.assumes_type(at, column));
        let may = if known { "" } else { ", unless the old type is a shorter one of the same kind" };
        let danger = format!(
            "nobody can read or write {} while {column} is written anew in every row{may}",
            case.sized(table)
        );
        let hit = Hit::at(at, danger).lock(table, TableLock::AccessExclusive);
        Some(hit.instead(beside(case, table, column, type_)))
    });
    let enums = case.operations().filter_map(|(at, operation)| {
        let Operation::ReplaceEnum(replace) = operation else { return None };
        let column = replace.columns.iter().find(|column| !case.is_new(&column.table, at))?;
        let danger = format!(
            "nobody can read or write {} while {} is written anew in every row",
            case.sized(&column.table),
            column.column
        );
        let other =
            Alternative::note("add_enum_value for the new values, and leave the old ones where they are");
        Some(Hit::at(at, danger).lock(&column.table, TableLock::AccessExclusive).instead(other))
    });
    columns.chain(enums).collect()
}

/// Whether a change converts the rows, as far as the operation itself tells.
fn converts(case: &Case<'_>, change: &ColumnChange) -> bool {
    let Some(to) = &change.type_ else { return false };
    let Some(was) = &change.was else { return true };
    let (from, to) = (was.type_.on_dialect(case.dialect), to.on_dialect(case.dialect));
    change.using.is_some()
        || change.collation.is_some()
        || !match (from, to) {
            (ColumnType::Varchar(from), ColumnType::Varchar(to)) => to >= from,
            (ColumnType::Varchar(_), ColumnType::Text) | (ColumnType::Decimal(..), ColumnType::Numeric) => {
                true
            }
            (ColumnType::Decimal(from, scale), ColumnType::Decimal(to, same)) => to >= from && scale == same,
            (from, to) => from == to,
        }
}

/// A second column takes the first one's place.
fn beside(case: &Case<'_>, table: &Name, column: &str, type_: &ColumnType) -> Alternative {
    let code = case.code();
    let new = format!("{column}_new");
    let (table_code, column_code, new_code) = (code.name(table), code.text(column), code.text(&new));
    let add = format!("cx.add_column({table_code}, column({new_code}, {}))?;", code.type_(type_));
    let swap = format!(
        "cx.drop_column({table_code}, {column_code})?;\ncx.rename_column({table_code}, {new_code}, {column_code})?;"
    );
    Alternative::first("first", add)
        .and_note(format!("then a trigger or a release that writes both, and a backfill of {new}"))
        .and(format!("then, when no release uses the old {column} any more"), swap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{locks, rewrites, step, step_on};

    fn change(from: impl Into<ColumnType>, to: impl Into<ColumnType>) -> crate::safety::testing::Tested {
        let change = alter().type_(to).was(column("a", from));
        step(|cx| cx.alter_column("users", "a", change))
    }

    #[test]
    fn conversions_are_told_from_longer_types() {
        change(Integer, BigInt).finds(&RULE);
        change(varchar(100), varchar(50)).finds(&RULE);
        change(Text, varchar(50)).finds(&RULE);
        change(decimal(10, 2), decimal(12, 3)).finds(&RULE);
        change(varchar(50), varchar(100)).passes(&RULE);
        change(varchar(50), Text).passes(&RULE);
        change(decimal(10, 2), decimal(12, 2)).passes(&RULE);
    }

    #[test]
    fn an_unknown_type_may_be_converted_and_the_statement_knows_better() {
        let unknown = || step(|cx| cx.alter_column("users", "a", alter().type_(Text)));
        assert!(
            unknown().finds(&RULE).danger.ends_with("unless the old type is a shorter one of the same kind")
        );
        unknown().effect(0, locks("users", TableLock::AccessExclusive)).passes(&RULE);
        unknown().effect(0, rewrites("users")).finds(&RULE);
    }

    #[test]
    fn a_second_column_takes_its_place() {
        assert_eq!(
            change(Integer, BigInt).instead(&RULE),
            r#"// first
cx.add_column("users", column("a_new", BigInt))?;
// then a trigger or a release that writes both, and a backfill of a_new
// then, when no release uses the old a any more
cx.drop_column("users", "a")?;
cx.rename_column("users", "a_new", "a")?;"#
        );
    }

    #[test]
    fn enums_are_converted_and_new_tables_and_other_changes_are_fine() {
        let replace = || replace_enum(enum_type("mood", ["low"])).map("sad", "low").column("users", "mood");
        step(|cx| cx.replace_enum(replace())).finds(&RULE);
        step(|cx| {
            cx.create_table(table("users").column(column("a", Integer)))?;
            cx.alter_column("users", "a", alter().type_(BigInt))?;
            cx.replace_enum(replace())?;
            cx.set_default("teams", "a", 1)
        })
        .passes(&RULE);
        step_on(Dialect::Sqlite, |cx| cx.alter_column("users", "a", alter().type_(BigInt))).passes(&RULE);
    }
}
