use std::collections::BTreeSet;

use crate::few::first_few;
use crate::operation::{
    Column, Dropped, Function, Name, Operation, Table, TableChange, View, names_in, table,
};
use crate::safety::case::Case;
use crate::safety::facts::{Attached, AttachedKind};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, EVERY, Example, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "unsaid-loss",
    summary: "a drop or a replacement with which something goes that its definition does not say",
    level: Level::Warn,
    concern: Concern::Loss,
    dialects: EVERY,
    lock: "none of its own",
    explanation: "\
The database holds more than the definition says: an index that was made by hand, a policy, privileges, a place in a \
publication. All of it goes with the table, the view or the column without a word, and the inverse makes only what the \
definition says. A column that is dropped by its name takes indexes and constraints with it that are about other \
columns, too. `CREATE OR REPLACE` sets each option of a view and each attribute of a function back that is not said \
again: `security_invoker`, `SECURITY DEFINER`, `SET search_path`. Found only with a database at hand.",
    example: Example::new(
        r#"cx.drop_table(table("sessions").column(column("id", BigInt).primary_key()).column(column("user_id", BigInt)))?;"#,
    ),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, operation) in case.operations() {
        match operation {
            Operation::DropTable(Dropped { definition: Some(table), .. })
                if !case.is_new(&table.name, at) =>
            {
                hits.extend(hit(case, at, &table.name, operation, |it| !says(table, it)));
            }
            Operation::DropView { view: Dropped { definition: Some(view), .. }, .. } => {
                hits.extend(hit(case, at, &view.name, operation, |it| !has_option(view, it)));
            }
            Operation::CreateView(view) if view.or_replace => {
                let reset = |it: &Attached| it.kind == AttachedKind::Option && !has_option(view, it);
                hits.extend(hit(case, at, &view.name, operation, reset));
            }
            Operation::CreateFunction(function) if function.or_replace => {
                hits.extend(attributes(case, at, function));
            }
            Operation::AlterTable(alter) if !case.is_new(&alter.table, at) => {
                for change in &alter.changes {
                    if let TableChange::DropColumn(column) = change {
                        let goes = |it: &Attached| goes_with(&alter.table, column, it);
                        hits.extend(hit(case, at, &alter.table, operation, goes));
                    }
                }
            }
            _ => {}
        }
    }
    hits
}

/// What an operation takes along, but for what the step has an operation for.
fn hit(
    case: &Case<'_>,
    at: usize,
    name: &Name,
    operation: &Operation,
    goes: impl Fn(&Attached) -> bool,
) -> Option<Hit> {
    let gone = case.facts.attached_to(name).filter(|it| goes(it) && !is_seen_to(case, it));
    let gone: Vec<_> = gone.map(ToString::to_string).collect();
    if gone.is_empty() {
        return None;
    }
    let danger = format!(
        "with `{operation}` goes what it does not say, and no inverse brings it back: {}",
        first_few(&gone)
    );
    let other = Alternative::note("the same with a definition that says all of it")
        .and_note("or an operation of its own for each, before this one");
    Some(Hit::at(at, danger).instead(other))
}

fn attributes(case: &Case<'_>, at: usize, function: &Function) -> Option<Hit> {
    let said = function.options.to_ascii_uppercase();
    let of_name =
        case.facts.attributes.iter().filter(|(name, _)| crate::safety::facts::same(name, &function.name));
    let unsaid = of_name.flat_map(|(_, attributes)| attributes);
    let unsaid: Vec<_> = unsaid.filter(|it| !said.contains(&it.to_ascii_uppercase())).cloned().collect();
    if unsaid.is_empty() {
        return None;
    }
    let name = &function.name;
    let danger = format!(
        "a function {name} has attributes that the new definition does not say: {}",
        first_few(&unsaid)
    );
    let other =
        Alternative::note("the same with `.options(\"…\")`, unless that is what the new one is to lose");
    Some(Hit::at(at, danger).instead(other))
}

/// Whether the definition of a table says something, so that it is made again with the table.
fn says(table: &Table, it: &Attached) -> bool {
    let commented = |column: &Column| it.columns.contains(&column.name) && column.comment.is_some();
    match it.kind {
        AttachedKind::Index | AttachedKind::Constraint => names_in(table).contains(&it.name),
        AttachedKind::Comment if it.columns.is_empty() => table.comment.is_some(),
        AttachedKind::Comment => table.columns.iter().any(commented),
        AttachedKind::Option => table.options.storage.iter().any(|option| is(option, &it.name)),
        _ => false,
    }
}

fn has_option(view: &View, it: &Attached) -> bool {
    it.kind == AttachedKind::Option && view.options.iter().any(|option| is(option, &it.name))
}

/// Whether an option is what the catalog has: `security_barrier=true`.
fn is((name, value): &(String, String), option: &str) -> bool {
    option.split_once('=').is_some_and(|it| it == (name.as_str(), value.as_str()))
}

/// Whether something goes with a column unsaid: more than its definition, or more than itself.
fn goes_with(of: &Name, column: &Dropped<Column>, it: &Attached) -> bool {
    if !it.columns.contains(&column.name.name) {
        return false;
    }
    match &column.definition {
        Some(column) => !says(&table(of.clone()).column((**column).clone()), it),
        None => it.columns.len() > 1,
    }
}

/// Whether an operation of the step drops it or makes it, so that nothing is unsaid.
fn is_seen_to(case: &Case<'_>, it: &Attached) -> bool {
    let names = case.operations().flat_map(|(_, operation)| match operation {
        Operation::DropIndex { index, .. } => BTreeSet::from([index.name.name.clone()]),
        Operation::CreateIndex(index) => BTreeSet::from([index.name.clone()]),
        Operation::DropTrigger { trigger, .. } => BTreeSet::from([trigger.name.name.clone()]),
        Operation::CreateTrigger(trigger) => BTreeSet::from([trigger.name.clone()]),
        Operation::CreateTable(table) => names_in(table),
        Operation::AlterTable(alter) => {
            let names = alter.changes.iter().filter_map(|change| match change {
                TableChange::DropConstraint(constraint) => Some(constraint.name_in(&alter.table.name)),
                TableChange::AddConstraint(constraint) => Some(constraint.name_in(&alter.table.name)),
                _ => None,
            });
            names.collect()
        }
        _ => BTreeSet::new(),
    });
    let mut names = names;
    let in_sql = |sql: &str| match it.kind {
        AttachedKind::Privileges => sql.to_ascii_uppercase().contains("GRANT"),
        AttachedKind::Comment => sql.to_ascii_uppercase().contains("COMMENT"),
        AttachedKind::Setting | AttachedKind::Option => sql.to_ascii_uppercase().contains("ALTER"),
        _ => sql.contains(&it.name),
    };
    names.any(|name| name == it.name)
        || case.operations().any(|(_, operation)| match operation {
            Operation::Execute(sql) => sql.for_dialect(case.dialect).is_ok_and(in_sql),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::Facts;
    use crate::safety::testing::{Tested, step};

    fn attached(kind: AttachedKind, name: &str, columns: &[&str]) -> Attached {
        Attached { kind, name: name.to_owned(), columns: columns.iter().map(ToString::to_string).collect() }
    }

    fn on(tested: Tested, of: &str, all: impl IntoIterator<Item = Attached>) -> Tested {
        let attached = [(("public", of).into(), all.into_iter().collect())].into();
        tested.with(Facts { attached, ..Facts::default() })
    }

    fn users() -> crate::operation::Table {
        table("users")
            .column(column("id", BigInt).primary_key())
            .column(column("age", Integer).check("age > 0").comment("in years"))
            .constraint(unique(["id", "age"]))
            .index("by_age", ["age"])
            .storage("fillfactor", "50")
    }

    #[test]
    fn what_a_definition_does_not_say_is_told() {
        use AttachedKind::{Comment, Constraint, Index, Option, Policy, Privileges, Setting};
        let all = [
            attached(Constraint, "users_pkey", &["id"]),
            attached(Constraint, "users_age_check", &["age"]),
            attached(Constraint, "users_id_age_key", &["id", "age"]),
            attached(Constraint, "by_hand", &["age"]),
            attached(Index, "by_age", &["age"]),
            attached(Comment, "", &["age"]),
            attached(Comment, "", &["id"]),
            attached(Policy, "own_rows", &[]),
            attached(Privileges, "reader", &[]),
            attached(Setting, "row level security", &[]),
            attached(Option, "fillfactor=50", &[]),
        ];
        let told = on(step(|cx| cx.drop_table(users())), "users", all).finds(&RULE).danger;
        assert_eq!(
            told,
            "with `drop table users` goes what it does not say, and no inverse brings it back: constraint by_hand, \
             policy own_rows, the privileges of reader, its comment, row level security"
        );
    }

    #[test]
    fn what_the_step_itself_drops_or_makes_is_no_loss() {
        use AttachedKind::{Constraint, Index, Policy, Privileges, Trigger};
        let tested = step(|cx| {
            cx.drop_trigger("touch", "users")?;
            cx.execute("DROP POLICY own_rows ON users")?;
            cx.drop_index("by_name", "users")?;
            cx.drop_constraint("named", "users")?;
            cx.drop_table(users())?;
            cx.create_table(users())?;
            cx.execute("GRANT SELECT ON users TO reader")
        });
        let all = [
            attached(Trigger, "touch", &[]),
            attached(Policy, "own_rows", &[]),
            attached(Index, "by_name", &["name"]),
            attached(Constraint, "named", &["name"]),
            attached(Privileges, "reader", &[]),
        ];
        on(tested, "users", all).passes(&RULE);
        step(|cx| cx.drop_table(users())).passes(&RULE);
        let other = [attached(Policy, "own_rows", &[])];
        on(step(|cx| cx.drop_table(users())), "others", other).passes(&RULE);
    }

    #[test]
    fn a_column_by_its_name_says_itself_and_no_other() {
        use AttachedKind::{Constraint, Index, Trigger};
        let all = || {
            [
                attached(Index, "by_age", &["age"]),
                attached(Constraint, "users_age_key", &["age"]),
                attached(Constraint, "users_id_age_key", &["id", "age"]),
                attached(Index, "by_name", &["name"]),
                attached(Trigger, "touch", &[]),
            ]
        };
        let by_name = on(step(|cx| cx.drop_column("users", "age")), "users", all()).finds(&RULE);
        assert!(
            by_name.danger.ends_with("brings it back: constraint users_id_age_key"),
            "{}",
            by_name.danger
        );
        let defined =
            |cx: &mut Context<'_, AnyConnection>| cx.drop_column("users", column("age", Integer).unique());
        let told = on(step(defined), "users", all()).finds(&RULE).danger;
        assert!(told.ends_with("brings it back: index by_age, constraint users_id_age_key"), "{told}");
    }

    #[test]
    fn options_and_attributes_that_are_not_said_again_are_told() {
        let option = || [attached(AttachedKind::Option, "security_invoker=true", &[])];
        let replaced =
            |cx: &mut Context<'_, AnyConnection>| cx.create_view(view("v", "SELECT 2").or_replace());
        let told = on(step(replaced), "v", option()).finds(&RULE).danger;
        assert!(told.ends_with("option security_invoker=true"), "{told}");
        let said = |cx: &mut Context<'_, AnyConnection>| {
            cx.create_view(view("v", "SELECT 2").or_replace().option("security_invoker", "true"))
        };
        on(step(said), "v", option()).passes(&RULE);
        let attributes =
            [(("app", "f").into(), ["STRICT".to_owned(), "SET search_path".to_owned()].into())].into();
        let facts = Facts { attributes, ..Facts::default() };
        let tested =
            step(|cx| cx.create_function(function("f", "").body("SELECT 1").options("strict").or_replace()));
        let told = tested.with(facts).finds(&RULE).danger;
        assert!(told.ends_with("does not say: SET search_path"), "{told}");
    }
}
