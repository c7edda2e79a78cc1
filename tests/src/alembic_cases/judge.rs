//! Whether we agree.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::answer::Answer;
use super::case::{Case, Command, Expected};
use super::mistakes::{Mistake, Mistakes};
use super::model::Model;

/// The judgement of one case.
#[derive(Debug, Clone)]
pub enum Verdict<'a> {
    /// The same plan, or an error of the same class.
    Agree,
    /// Alembic's answer is on the list of its mistakes, and ours is as the list says.
    Mistake(&'a Mistake),
    /// Another answer.
    Differ {
        /// Ours.
        ours: Answer,
        /// What is wrong with it.
        why: String,
    },
}

/// Runs our planner on a case and compares.
///
/// A plan agrees if its steps are the same set in a valid order and the maximal applied revisions afterwards are
/// those that Alembic reports; ties between valid orders do not count. An error agrees if it is of the same
/// class. Where Alembic's answer is a traceback, any typed error agrees, and so does any plan that keeps the
/// applied set closed and contains what Alembic had run when it died.
pub fn judge<'a>(case: &Case, mistakes: &'a Mistakes) -> Verdict<'a> {
    let ours = Answer::to(case);
    match compare(case, &ours) {
        Ok(()) => Verdict::Agree,
        Err(why) => match mistakes.explaining(case, &ours) {
            Some(mistake) => Verdict::Mistake(mistake),
            None => Verdict::Differ { ours, why },
        },
    }
}

fn compare(case: &Case, ours: &Answer) -> Result<(), String> {
    match (&case.expected, ours) {
        (_, Answer::Panic) => Err("a panic".to_owned()),
        (Expected::Done { steps, heads_after }, Answer::Plan { .. }) => {
            check_plan(case, ours)?;
            same_plan(case, ours, steps, heads_after.as_deref())
        }
        (Expected::Done { .. }, Answer::Refusal { .. }) => Err("an error instead of a plan".to_owned()),
        (Expected::Error { cli_handled: false, partial_steps, .. }, Answer::Plan { steps, .. }) => {
            check_plan(case, ours)?;
            match partial_steps.iter().find(|step| !steps.contains(step)) {
                Some((_, revision)) => Err(format!("a plan without {revision}, which had run")),
                None => Ok(()),
            }
        }
        (Expected::Error { cli_handled: false, .. }, Answer::Refusal { .. }) => Ok(()),
        (Expected::Error { .. }, Answer::Plan { .. }) => Err("a plan instead of an error".to_owned()),
        (Expected::Error { .. }, Answer::Refusal { categories, .. }) => {
            if categories.contains(&case.category.as_str()) {
                Ok(())
            } else {
                Err(format!("an error of class {categories:?} instead of {}", case.category))
            }
        }
    }
}

/// Checks that a plan of ours keeps the applied set closed and ends where it says.
fn check_plan(case: &Case, ours: &Answer) -> Result<(), String> {
    let Answer::Plan { steps, heads_after } = ours else { return Ok(()) };
    let model = Model::of(case);
    let after = match case.command {
        Command::Stamp => model.closure(heads_after),
        Command::Upgrade | Command::Downgrade => model.run(before(case, &model), steps)?,
    };
    if model.maximal(&after) != *heads_after {
        return Err(format!("heads {heads_after:?} instead of {:?}", model.maximal(&after)));
    }
    Ok(())
}

fn same_plan(
    case: &Case,
    ours: &Answer,
    expected_steps: &[(String, String)],
    expected_heads: Option<&[String]>,
) -> Result<(), String> {
    let Answer::Plan { steps, heads_after } = ours else { return Ok(()) };
    let (expected, found): (BTreeSet<_>, BTreeSet<_>) =
        (expected_steps.iter().collect(), steps.iter().collect());
    if expected != found || expected_steps.len() != steps.len() {
        return Err("other steps".to_owned());
    }
    let model = Model::of(case);
    match expected_heads {
        Some(heads) if model.maximal(&model.closure(heads)) != *heads_after => Err("other heads".to_owned()),
        _ => Ok(()),
    }
}

/// What is applied before the plan: with `--sql`, what the start of our own range stands for.
fn before(case: &Case, model: &Model) -> BTreeSet<String> {
    if !case.sql {
        return model.closure(&case.heads);
    }
    let target = case.spec.list().first().copied().unwrap_or_default();
    let start = target.split_once(':').map_or("base", |(start, _)| start);
    let graph = migrate_core::graph::RevisionGraph::new(
        case.graph.iter().map(crate::declared::DeclaredRevision::to_revision),
    );
    let resolved = graph.ok().and_then(|graph| {
        let ids = migrate_core::plan::resolve(&graph, None, start).ok()?;
        Some(ids.into_iter().map(str::to_owned).collect::<Vec<_>>())
    });
    model.closure(&resolved.unwrap_or_default())
}

/// What a run over a file of cases found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One paragraph per case that differs, one line per mistake that occurred, and the last line,
    /// `N agree, M differ`.
    pub text: String,
    /// How many cases agree, those with a listed mistake of Alembic included.
    pub agree: usize,
    /// How many differ.
    pub differ: usize,
}

/// Judges all cases.
pub fn report(cases: &[Case], mistakes: &Mistakes) -> Report {
    let mut report = Report::default();
    let mut explained: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in cases {
        match judge(case, mistakes) {
            Verdict::Agree => report.agree += 1,
            Verdict::Mistake(mistake) => {
                report.agree += 1;
                match explained.iter_mut().find(|(name, _)| *name == mistake.name) {
                    Some((_, ids)) => ids.push(&case.id),
                    None => explained.push((&mistake.name, vec![&case.id])),
                }
            }
            Verdict::Differ { ours, why } => {
                report.differ += 1;
                let sql = if case.sql { " --sql" } else { "" };
                let purge = if case.purge { " --purge" } else { "" };
                let command = format!("{:?}{sql}{purge}", case.command).to_lowercase();
                let _ = writeln!(
                    report.text,
                    "{}: {command} {:?} with rows {:?}: {why}\n  alembic: [{}] {}\n  ours:    {ours}",
                    case.id,
                    case.spec.list(),
                    case.heads,
                    case.category,
                    case.expected,
                );
            }
        }
    }
    explained.sort_unstable();
    for (name, ids) in explained {
        let _ = writeln!(report.text, "mistake of Alembic, {name}: {}", ids.join(", "));
    }
    let _ = writeln!(report.text, "{} agree, {} differ", report.agree, report.differ);
    report
}
