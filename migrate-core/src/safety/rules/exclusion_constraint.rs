use crate::operation::{Constraint, TableChange, TableLock};
use crate::safety::case::{Case, Change};
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "exclusion-constraint",
    summary: "an exclusion constraint on a table that was there, for which there is no gentle way",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE",
    explanation: "\
`ADD EXCLUDE` builds an index under an `ACCESS EXCLUSIVE` lock. It can neither be `NOT VALID` nor take over an index, \
so on a large table it wants a quiet hour, or a new table that takes the old one's place.",
    example: Example::new(r#"cx.add_constraint("bookings", exclude([("room", "="), ("during", "&&")]))?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.changes()
        .filter_map(|Change { at, table, change }| {
            let TableChange::AddConstraint(constraint) = change else { return None };
            let Constraint::Exclude(_) = &**constraint else { return None };
            let danger = format!(
                "nobody can read or write {} while the index of the constraint is built",
                case.sized(table)
            );
            let other = Alternative::note(format!(
                "a new table with the constraint, filled by a backfill and renamed to {}, or a quiet hour",
                table.name
            ));
            Some(Hit::at(at, danger).lock(table, TableLock::AccessExclusive).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_on_tables_that_were_there() {
        let exclusion = || exclude([("room", "="), ("during", "&&")]);
        step(|cx| cx.add_constraint("bookings", exclusion())).finds(&RULE);
        step(|cx| {
            cx.create_table(table("bookings").column(column("room", Text)))?;
            cx.add_constraint("bookings", exclusion())
        })
        .passes(&RULE);
    }
}
