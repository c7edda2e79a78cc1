use crate::operation::{Operation, TableChange};
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};
use crate::safety::text;

pub(in crate::safety) const RULE: Rule = Rule {
    name: "cascade-drop",
    summary: "a drop that takes along what nobody named",
    level: Level::Warn,
    concern: Concern::Loss,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE on everything that goes",
    explanation: "\
`CASCADE` also drops the views, foreign keys, functions and columns that depend on the object, and whatever depends \
on those; which they are is decided by the database at hand, not by the one that was tested. `TRUNCATE … CASCADE` \
empties every table that refers to it. Drop each dependent object by its name: the server refuses the rest.",
    example: Example::new(r#"cx.drop_table(cascade("users"))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let danger = match operation {
                Operation::Execute(sql) => {
                    let statements = text::statements(sql.for_dialect(case.dialect).unwrap_or_default());
                    if !statements.iter().any(|statement| is_cascade(statement)) {
                        return None;
                    }
                    "this SQL also drops or empties whatever depends on what it names".to_owned()
                }
                operation if cascades(operation) => {
                    format!(
                        "`{operation}` also drops whatever depends on it, in each database something else"
                    )
                }
                _ => return None,
            };
            let other =
                Alternative::note("without CASCADE, after each dependent object was dropped by its name");
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

fn cascades(operation: &Operation) -> bool {
    match operation {
        Operation::DropTable(it) => it.cascade,
        Operation::DropIndex { index, .. } => index.cascade,
        Operation::DropEnum(it) => it.cascade,
        Operation::DropView { view, .. } => view.cascade,
        Operation::DropFunction { function, .. } => function.cascade,
        Operation::DropTrigger { trigger, .. } => trigger.cascade,
        Operation::DropExtension(it) => it.cascade,
        Operation::DropSequence(it) => it.cascade,
        Operation::DropSchema(it) => it.cascade,
        Operation::AlterTable(alter) => alter.changes.iter().any(|change| match change {
            TableChange::DropColumn(it) => it.cascade,
            TableChange::DropConstraint(it) => it.cascade,
            _ => false,
        }),
        _ => false,
    }
}

/// `DROP … CASCADE` and `TRUNCATE … CASCADE`, not `ON DELETE CASCADE`.
fn is_cascade(statement: &[String]) -> bool {
    let first = statement.first().map(String::as_str);
    let drops = matches!(first, Some("DROP" | "TRUNCATE"))
        || (first == Some("ALTER") && statement.iter().any(|word| word == "DROP"));
    drops && statement.last().is_some_and(|word| word == "CASCADE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_in_drops_and_in_text() {
        let tested = step(|cx| {
            cx.drop_table(cascade("users"))?;
            cx.drop_column("posts", cascade("user_id"))?;
            cx.drop_schema(cascade("app"))?;
            cx.execute("truncate table users cascade")?;
            cx.execute("ALTER TABLE posts DROP CONSTRAINT c CASCADE")
        });
        assert_eq!(tested.hits(&RULE).len(), 5);
        assert!(tested.hits(&RULE)[1].danger.starts_with("`drop column user_id from posts` also drops"));
    }

    #[test]
    fn plain_drops_and_foreign_keys_are_fine() {
        step(|cx| {
            cx.drop_table(if_exists("users"))?;
            cx.execute("CREATE TABLE a (b int REFERENCES c ON DELETE CASCADE)")?;
            cx.execute("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c ON DELETE CASCADE")?;
            cx.execute("DROP TABLE a RESTRICT")
        })
        .passes(&RULE);
    }
}
