use crate::connection::Dialect;
use crate::operation::{ColumnChange, ColumnType, Constraint, TableChange};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "table-copy",
    summary: "a change that MySQL makes by copying the table, while nobody may write to it",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: &[Dialect::Mysql],
    lock: "a shared metadata lock: others only read",
    explanation: "\
A change of type, a CHECK, a foreign key (with `foreign_key_checks` on) and a dropped primary key are made by \
`ALGORITHM=COPY`: the table is written anew while nobody may write to it, and each replica does the same afterwards. A \
`varchar` that stays on its side of 64 characters (utf8mb4) is changed in place. For large tables there are gh-ost and \
pt-online-schema-change, or a second column that is filled in batches.",
    example: Example::new(
        r#"cx.alter_column("users", "age", alter().type_(BigInt).was(column("age", Integer)))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter(|change| copies(change.change))
        .map(|Change { at, table, .. }| {
            let danger = format!("nobody can write to {} while it is copied", case.sized(table));
            let other = Alternative::note(
                "a second column or table that is filled in batches, or gh-ost for the change",
            );
            Hit::at(at, danger).instead(other)
        })
        .collect()
}

fn copies(change: &TableChange) -> bool {
    match change {
        TableChange::AlterColumn { change, .. } => converts(change),
        TableChange::AddConstraint(constraint) => {
            matches!(&**constraint, Constraint::Check(_) | Constraint::ForeignKey(_))
        }
        TableChange::DropConstraint(dropped) => {
            matches!(dropped.definition.as_deref(), Some(Constraint::PrimaryKey(_)))
        }
        TableChange::AddColumn(column) => !column.checks.is_empty() || column.references.is_some(),
        _ => false,
    }
}

fn converts(change: &ColumnChange) -> bool {
    let Some(to) = &change.type_ else { return change.collation.is_some() };
    let from = change.was.as_ref().map(|was| was.type_.on_dialect(Dialect::Mysql));
    // Up to 255 bytes the length takes one byte, from 256 on two; a character may take four.
    let two_bytes = |length: u32| length >= 64;
    match (from, to.on_dialect(Dialect::Mysql)) {
        (Some(ColumnType::Varchar(from)), ColumnType::Varchar(to)) => {
            to < from || two_bytes(*from) != two_bytes(*to)
        }
        (Some(ColumnType::Enum(from)), ColumnType::Enum(to)) => !to.values.starts_with(&from.values),
        (Some(from), to) => from != to,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{Tested, step, step_on};

    fn change(from: impl Into<ColumnType>, to: impl Into<ColumnType>) -> Tested {
        let change = alter().type_(to).was(column("a", from));
        step_on(Dialect::Mysql, |cx| cx.alter_column("users", "a", change))
    }

    #[test]
    fn what_is_copied_is_told_from_what_is_changed_in_place() {
        change(Integer, BigInt).finds(&RULE);
        change(varchar(63), varchar(64)).finds(&RULE);
        change(varchar(20), varchar(10)).finds(&RULE);
        change(enum_type("m", ["a", "b"]), enum_type("m", ["b", "a"])).finds(&RULE);
        change(varchar(10), varchar(63)).passes(&RULE);
        change(varchar(64), varchar(500)).passes(&RULE);
        change(enum_type("m", ["a"]), enum_type("m", ["a", "b"])).passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.add_constraint("users", check("a > 0"))).finds(&RULE);
        step_on(Dialect::Mysql, |cx| cx.drop_constraint(primary_key(["id"]), "users")).finds(&RULE);
    }

    #[test]
    fn other_changes_new_tables_and_other_servers_are_fine() {
        step_on(Dialect::Mysql, |cx| {
            cx.add_column("users", column("a", Text))?;
            cx.set_default("users", "b", 1)?;
            cx.create_table(table("teams").column(column("a", Integer)))?;
            cx.alter_column("teams", "a", alter().type_(BigInt))
        })
        .passes(&RULE);
        step(|cx| cx.alter_column("users", "a", alter().type_(BigInt))).passes(&RULE);
    }
}
