use crate::operation::{Constraint, TableChange, TableLock};
use crate::safety::case::{Case, Change};
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
query on either, and meanwhile every new query on either waits for it. Known only where the drop is given the \
definition, or where its locks are known. A lock timeout keeps the wait short; a step that runs into it is tried again.",
    example: Example::new(r#"cx.drop_constraint(foreign_key(["user_id"], "users", ["id"]), "posts")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::DropConstraint(dropped) = change else { return None };
            let Some(Constraint::ForeignKey(key)) = dropped.definition.as_deref() else { return None };
            let other = &key.references.table;
            if other == table || case.is_new(other, at) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn the_other_table_is_named() {
        let hit =
            step(|cx| cx.drop_constraint(foreign_key(["user_id"], "users", ["id"]), "posts")).finds(&RULE);
        assert_eq!(hit.lock, Some(("users".into(), TableLock::AccessExclusive)));
        assert!(hit.danger.contains("posts or users"));
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
