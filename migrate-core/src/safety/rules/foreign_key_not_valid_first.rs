use crate::operation::{Constraint, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "foreign-key-not-valid-first",
    summary: "a foreign key that is held against every row while nobody may write to either table",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "SHARE ROW EXCLUSIVE on both tables",
    explanation: "\
`ADD FOREIGN KEY` looks every row of the table up in the other one, under a `SHARE ROW EXCLUSIVE` lock on both: \
nobody writes to either meanwhile. Added `NOT VALID` it reads nothing and holds for what is written from now on; \
`VALIDATE CONSTRAINT` looks the old rows up while others write. A new column that is NULL everywhere has nothing to \
be looked up.",
    example: Example::new(r#"cx.add_constraint("posts", foreign_key(["user_id"], "users", ["id"]))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::AddConstraint(constraint) = change else { return None };
            let Constraint::ForeignKey(key) = &**constraint else { return None };
            if key.not_valid {
                return None;
            }
            let other = &key.references.table;
            let both = if other == table || case.is_new(other, at) {
                case.sized(table)
            } else {
                format!("{} or to {}", case.sized(table), case.sized(other))
            };
            let danger = format!("nobody can write to {both} while each row is looked up in {other}");
            let hit = Hit::at(at, danger).lock(table, TableLock::ShareRowExclusive);
            let code = super::add_safely(case, table, constraint);
            Some(hit.instead(Alternative::outside_transaction(code)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::{step, step_on};

    #[test]
    fn both_tables_are_named() {
        let tested = step(|cx| {
            cx.add_constraint(
                "posts",
                foreign_key(["user_id"], "users", ["id"]).on_delete(Cascade).deferrable(),
            )
        });
        assert_eq!(
            tested.finds(&RULE).danger,
            "nobody can write to posts or to users while each row is looked up in users"
        );
        assert_eq!(
            tested.instead(&RULE),
            r#"// in a revision with `transaction = false`
cx.safely().add_constraint("posts", foreign_key(["user_id"], "users", ["id"]).on_delete(Cascade).deferrable())?;"#
        );
    }

    #[test]
    fn not_valid_new_tables_new_columns_and_other_servers_are_fine() {
        let key = || foreign_key(["user_id"], "users", ["id"]);
        step(|cx| cx.add_constraint("posts", key().not_valid())).passes(&RULE);
        step(|cx| {
            cx.create_table(table("posts").column(column("user_id", BigInt)))?;
            cx.add_constraint("posts", key())?;
            cx.add_column("comments", column("user_id", BigInt).references("users", "id"))
        })
        .passes(&RULE);
        step_on(Dialect::Mysql, |cx| cx.add_constraint("posts", key())).passes(&RULE);
    }
}
