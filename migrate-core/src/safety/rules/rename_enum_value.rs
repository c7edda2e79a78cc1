use crate::operation::Operation;
use crate::safety::case::Case;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "rename-enum-value",
    summary: "a value of an enum type that running code reads and writes by its old name",
    level: Level::Warn,
    concern: Concern::OldCode,
    dialects: POSTGRES,
    lock: "none on tables",
    explanation: "\
The release that still runs writes the old name, which is refused from the moment of the commit, and reads a name that \
it does not know. Add the new value, write it, change the rows in batches, and leave the old value where it is: a type \
is not smaller without it.",
    example: Example::new(r#"cx.rename_enum_value("mood", "ok", "fine")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let Operation::RenameEnumValue { name, from, to } = operation else { return None };
            let danger =
                format!("code that runs and writes {from:?} fails, and reads a {to:?} that it does not know");
            let code = case.code();
            let add = format!(
                "cx.add_enum_value({}, enum_value({}).after({}))?;",
                code.name(name),
                code.text(to),
                code.text(from)
            );
            let other = Alternative::first(format!("first, and a release that knows {to:?}"), add)
                .and_note(format!("then a release that writes {to:?}, and a backfill of {from:?}"));
            Some(Hit::at(at, danger).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safety::testing::step;

    #[test]
    fn the_new_value_stands_beside_the_old_one() {
        let tested = step(|cx| cx.rename_enum_value("mood", "ok", "fine"));
        assert!(
            tested
                .instead(&RULE)
                .contains("\ncx.add_enum_value(\"mood\", enum_value(\"fine\").after(\"ok\"))?;")
        );
        step(|cx| cx.rename_enum_value("mood", "ok", "fine")).downgrade().passes(&RULE);
        step(|cx| cx.add_enum_value("mood", "fine")).passes(&RULE);
    }
}
