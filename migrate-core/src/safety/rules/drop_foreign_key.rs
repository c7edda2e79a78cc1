use crate::operation::{Constraint, Name, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "drop-foreign-key",
    summary: "a foreign key whose drop locks the other table, too",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE on both tables",
    explanation: "\
`DROP CONSTRAINT` of a foreign key takes an `ACCESS EXCLUSIVE` lock on both tables. It is short, but waits for every \
query on either, and meanwhile every new query on either waits for it. What is dropped by its name alone is known to be a foreign key \
only where the locks of the statement are. A lock timeout keeps the wait short; a step that runs into it is tried again.",
    example: Example::new(r#"cx.drop_constraint(foreign_key(["user_id"], "users", ["id"]), "posts")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::DropConstraint(dropped) = change else { return None };
            let other = match dropped.definition.as_deref() {
                Some(Constraint::ForeignKey(key)) => &key.references.table,
                Some(_) => return None,
                None => locked_beside(case, at, table)?,
            };
            if same(other, table) || case.is_new(other, at) {
                return None;
            }
            let danger = format!(
                "everybody who uses {table} or {other} waits while the drop waits for the queries before it"
            );
            let timeout = "in a revision of its own, run with a lock timeout: upgrade --lock-timeout 2s";
            Some(
                Hit::at(at, danger)
                    .lock(other, TableLock::AccessExclusive)
                    .instead(Alternative::note(timeout)),
            )
        })
        .collect()
}

/// Another table that the statement locks as strongly.
fn locked_beside<'a>(case: &Case<'a>, at: usize, table: &Name) -> Option<&'a Name> {
    let mut locks = case.strong_locks().filter(|taken| taken.at == at && !same(taken.table, table));
    locks.find(|taken| taken.lock == TableLock::AccessExclusive).map(|taken| taken.table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{locks, step};

    #[test]
    fn the_other_table_is_named() {
        let hit =
            step(|cx| cx.drop_constraint(foreign_key(["user_id"], "users", ["id"]), "posts")).finds(&RULE);
        assert_eq!(hit.lock, Some(("users".into(), TableLock::AccessExclusive)));
        assert!(hit.danger.contains("posts or users"));
    }

    #[test]
    fn a_drop_by_name_is_told_by_its_locks() {
        let drop = || step(|cx| cx.drop_constraint("posts_user_id_fkey", "posts"));
        let mut both = locks("posts", TableLock::AccessExclusive);
        both.locks.insert("users".into(), TableLock::AccessExclusive);
        drop().effect(0, both).finds(&RULE);
        drop().effect(0, locks("posts", TableLock::AccessExclusive)).passes(&RULE);
    }

    #[test]
    fn other_constraints_and_keys_within_a_table_are_fine() {
        step(|cx| {
            cx.drop_constraint("posts_user_id_fkey", "posts")?;
            cx.drop_constraint(unique(["slug"]), "posts")?;
            cx.drop_constraint(foreign_key(["parent_id"], "posts", ["id"]), "posts")
        })
        .passes(&RULE);
    }
}
