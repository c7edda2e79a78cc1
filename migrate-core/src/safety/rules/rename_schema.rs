use crate::operation::Operation;
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "rename-schema",
    summary: "a schema that running code knows by its old name",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: POSTGRES,
    lock: "none on tables",
    explanation: "\
Every name with the schema in it, and every `search_path`, fails from the moment of the commit: of the release that \
still runs, of functions and of roles. Create the new schema and move the tables one by one, each with a view in its \
old place.",
    example: Example::new(r#"cx.rename_schema("app", "service")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let Operation::RenameSchema { from, to } = operation else { return None };
            let created = case
                .operations()
                .take(at)
                .any(|(_, earlier)| matches!(earlier, Operation::CreateSchema { name, .. } if name == from));
            let danger = format!("code that runs fails as soon as there is no schema {from} any more");
            let create = format!("cx.create_schema({})?;", case.code().text(to));
            let other = Alternative::first("first", create)
                .and_note(format!("then the tables one by one, each with a view in its place in {from}"));
            (!created).then(|| Hit::at(at, danger).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_unless_it_is_new_or_goes_back() {
        step(|cx| cx.rename_schema("app", "service")).finds(&RULE);
        step(|cx| cx.rename_schema("app", "service")).downgrade().passes(&RULE);
        step(|cx| {
            cx.create_schema("app")?;
            cx.rename_schema("app", "service")
        })
        .passes(&RULE);
    }
}
