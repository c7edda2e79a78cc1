use crate::operation::{Operation, TableLock};
use crate::safety::case::Case;
use crate::safety::facts::same;
use crate::safety::finding::{Alternative, Hit};
use crate::safety::level::Level;
use crate::safety::rule::{Concern, Example, POSTGRES, Rule};

pub(in crate::safety) const RULE: Rule = Rule {
    name: "refresh-not-concurrent",
    summary: "a materialised view that is filled while nobody may read it",
    level: Level::Warn,
    concern: Concern::Blocking,
    dialects: POSTGRES,
    lock: "ACCESS EXCLUSIVE on the view",
    explanation: "\
`REFRESH MATERIALIZED VIEW` runs the query under an `ACCESS EXCLUSIVE` lock on the view. With `CONCURRENTLY` it \
compares and changes rows while others read; for that the view needs a unique index over all its rows.",
    example: Example::new(r#"cx.refresh_materialized_view("totals")?;"#),
    find,
};

fn find(case: &Case<'_>) -> Vec<Hit> {
    case.operations()
        .filter_map(|(at, operation)| {
            let Operation::RefreshView { name, concurrently: false } = operation else { return None };
            let is_new = case
                .operations()
                .take(at)
                .any(|(_, earlier)| matches!(earlier, Operation::CreateView(view) if same(&view.name, name)));
            if is_new {
                return None;
            }
            let danger = format!("nobody can read {name} while its query runs");
            let code = format!("cx.refresh_materialized_view_concurrently({})?;", case.code().name(name));
            let other = Alternative::first("with a unique index on it", code);
            Some(Hit::at(at, danger).lock(name, TableLock::AccessExclusive).instead(other))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;
    use crate::safety::testing::step;

    #[test]
    fn it_is_found_unless_nobody_reads_it_yet() {
        step(|cx| cx.refresh_materialized_view("totals")).finds(&RULE);
        step(|cx| cx.refresh_materialized_view_concurrently("totals")).passes(&RULE);
        step(|cx| {
            cx.create_view(view("totals", "SELECT 1").materialized().with_no_data())?;
            cx.refresh_materialized_view("totals")
        })
        .passes(&RULE);
    }
}
