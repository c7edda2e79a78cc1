//! Targets that mean nothing, or too much, and graphs that are none.

use migrate_core::graph::{GraphError, GraphErrors, RevisionGraph};
use migrate_core::plan::PlanError;

use super::{CommandError, ErrorKind};

/// How many faults or candidates are listed before the rest is counted.
const LISTED: usize = 10;

/// A target that did not lead to a plan.
pub(crate) fn target(error: &PlanError, graph: &RevisionGraph) -> CommandError {
    let named = |code, error: &PlanError| CommandError::new(ErrorKind::Target, code, error);
    match error {
        PlanError::Unknown { name } => unknown(named("unknown_revision", error), name, graph),
        PlanError::AmbiguousPrefix { .. } => named("ambiguous_prefix", error).hint("type more of the id"),
        PlanError::NoSuchBranch { .. } => {
            let labels: Vec<_> = graph.declared_labels().map(|(label, _)| label).collect();
            let error = named("no_such_branch", error);
            if labels.is_empty() {
                error.hint("no revision declares a branch label: `{program} new --branch-label <label>` starts a branch")
            } else {
                error.hint(format_args!("the branch labels are {}", labels.join(", ")))
            }
        }
        PlanError::NotOnBranch { revision, .. } => {
            named("not_on_branch", error).hint(format_args!("`{{program}} show {revision}` lists its branches"))
        }
        PlanError::MultipleHeads { heads, .. } => several_heads(named("multiple_heads", error), heads, graph),
        PlanError::AmbiguousCurrent { heads, .. } => named("ambiguous_current", error).hint(format_args!(
            "say where to count from, as in `{}+1`, or which branch: `<label>@+1`",
            heads.first().map_or("<revision>", String::as_str)
        )),
        PlanError::AmbiguousWalk { target, .. } => {
            let sign = if target.contains('-') { '-' } else { '+' };
            named("ambiguous_walk", error).hint(format_args!(
                "name the revision instead of counting, or its branch: `<label>@{sign}1`"
            ))
        }
        PlanError::RelativeOverrun { .. }
        | PlanError::WalkedTooFar { .. }
        | PlanError::WrongDirection { .. } => counting(error),
        PlanError::BranchNotApplied { .. } => {
            named("branch_not_applied", error).hint("`{program} status` shows what is applied")
        }
        PlanError::NotDowngradeTarget { .. } => named("not_downgrade_target", error)
            .hint("`{program} history -i` marks the current revisions; to apply it: `{program} upgrade <revision>`"),
        PlanError::BranchNotDowngradeTarget { .. } => {
            named("not_downgrade_target", error).hint("`{program} branches` shows where branches part")
        }
        PlanError::UnknownApplied { revision } => named("unknown_applied", error).hint(format_args!(
            "its migration is missing from this binary: pull it and build again; `{{program}} status` says who \
             applied {revision}"
        )),
        PlanError::Deferred { revision, waits_for } => deferred(named("deferred", error), revision, waits_for),
        PlanError::CurrentUnavailable => {
            named("current_unavailable", error).hint("leave `current` and counts without a revision out here")
        }
        PlanError::EmptyTarget => {
            named("empty_target", error).hint("a target is a revision, `heads`, `base`, `+1`, `-1`, or `<label>@head`")
        }
        _ => range(error),
    }
}

/// A target that is left for later.
fn deferred(error: CommandError, revision: &str, waits_for: &[String]) -> CommandError {
    let backfill = waits_for.first().map_or(revision, String::as_str);
    error.hint(format_args!("the backfill first: {{program}} backfill run {backfill}")).hint(
        "or all in its place: leave --defer-backfills out, or set it to false where the environment says it",
    )
}

/// A target that counts, and does not arrive.
fn counting(error: &PlanError) -> CommandError {
    let named = |code, error: &PlanError| CommandError::new(ErrorKind::Target, code, error);
    match error {
        PlanError::RelativeOverrun { walked, target, .. } => {
            let error = named("relative_overrun", error);
            match (walked, target.contains('+')) {
                (0, true) => error.hint("everything is applied: `{program} status` shows it"),
                (0, false) => error.hint("nothing is applied: `{program} status` shows it"),
                (_, true) => error.hint("`heads` is as far as it goes"),
                (_, false) => error.hint("`base` is as far down as it goes"),
            }
        }
        PlanError::WalkedTooFar { .. } => {
            named("walked_too_far", error).hint("`{program} history` shows how far it goes")
        }
        PlanError::WrongDirection { upgrading, .. } => named("wrong_direction", error).hint(if *upgrading {
            "an upgrade counts with `+1`; to go down: `{program} downgrade -1`"
        } else {
            "a downgrade counts with `-1`; to go up: `{program} upgrade +1`"
        }),
        _ => named("target", error),
    }
}

/// A range where none belongs, or one that is none.
fn range(error: &PlanError) -> CommandError {
    let named = |code, error: &PlanError| CommandError::new(ErrorKind::Target, code, error);
    match error {
        PlanError::RangeNotAllowed { .. } => named("range_not_allowed", error)
            .hint("ranges belong to `{program} history <from>:<to>` and to `--sql`"),
        PlanError::MalformedRange { .. } => named("malformed_range", error)
            .hint("a range is `<from>:<to>`, `<from>:` or `:<to>`; both ends are included"),
        PlanError::RangeNotAncestor { start, end } => named("range_not_ancestor", error)
            .hint(format_args!("the older end comes first; is it `{end}:{start}`?")),
        PlanError::OfflineDowngradeNeedsRange { target } => named("needs_range", error)
            .hint(format_args!("{{program}} downgrade --sql <the current revision>:{target}")),
        _ => named("target", error),
    }
}

fn unknown(error: CommandError, name: &str, graph: &RevisionGraph) -> CommandError {
    let error = match nearest(name, graph) {
        Some(nearest) => error.hint(format_args!("did you mean `{nearest}`?")),
        None => error,
    };
    error.hint("`{program} history` lists the revisions of this binary; after a pull, build again")
}

/// The id or label that most likely was meant.
fn nearest<'g>(name: &str, graph: &'g RevisionGraph) -> Option<&'g str> {
    let ids = graph.revisions().iter().map(|revision| revision.id.as_ref());
    let labels = graph.declared_labels().map(|(label, _)| label);
    let distance = |candidate: &str| {
        // A partial id with a slip in it is compared with as much of the candidate.
        let prefix: String = candidate.chars().take(name.chars().count()).collect();
        strsim::osa_distance(name, candidate).min(strsim::osa_distance(name, &prefix) + 1)
    };
    let limit = match name.chars().count() {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    ids.chain(labels)
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// The three ways out of several heads.
fn several_heads(error: CommandError, heads: &[String], graph: &RevisionGraph) -> CommandError {
    let label = heads.iter().find_map(|head| graph.labels(head).first().copied()).unwrap_or("<label>");
    error.hint(format_args!(
        "`heads` for all, a revision id or `{label}@head` for one, or join them: {{program}} merge {} -m \"…\"",
        heads.join(" ")
    ))
}

/// The way out of several heads for a command that makes a revision.
pub(super) fn several_parents(error: &PlanError, heads: &[String]) -> CommandError {
    let first = heads.first().map_or("<revision>", String::as_str);
    CommandError::new(ErrorKind::Target, "multiple_heads", error)
        .hint(format_args!("continue one of them: --head {first}"))
        .hint(format_args!("or join them first: {{program}} merge {} -m \"…\"", heads.join(" ")))
        .hint("or start a history of its own: --head base")
}

/// Revisions that form no graph; every fault is told.
pub(crate) fn graph_faults(errors: &GraphErrors) -> CommandError {
    let mut told = match errors.errors() {
        [only] => CommandError::new(ErrorKind::Graph, code(only), only),
        all => {
            let message = format!("the migrations do not form a graph: {} faults", all.len());
            all.iter()
                .take(LISTED)
                .fold(CommandError::new(ErrorKind::Graph, "graph_faults", message), CommandError::cause)
        }
    };
    if errors.errors().len() > LISTED {
        told = told.cause(format_args!("and {} more", errors.errors().len() - LISTED));
    }
    let has = |test: fn(&GraphError) -> bool| errors.errors().iter().any(test);
    if has(|error| matches!(error, GraphError::DuplicateId { .. })) {
        told = told.hint("one of the two needs another id; the one that is applied nowhere yet can change");
    }
    if has(|error| matches!(error, GraphError::UnknownParent { .. } | GraphError::UnknownDependency { .. })) {
        told =
            told.hint("a file is missing (not committed, not pulled), or a `down_revision` has a slip in it");
    }
    if has(|error| matches!(error, GraphError::LineageCycle { .. } | GraphError::DependencyCycle { .. })) {
        told = told.hint("one revision on the way round must name another parent");
    }
    told
}

fn code(error: &GraphError) -> &'static str {
    match error {
        GraphError::BadId { .. } => "bad_id",
        GraphError::BadLabel { .. } => "bad_label",
        GraphError::DuplicateId { .. } => "duplicate_id",
        GraphError::LabelClash { .. } => "label_clash",
        GraphError::UnknownParent { .. } => "unknown_parent",
        GraphError::UnknownDependency { .. } => "unknown_dependency",
        GraphError::SelfParent { .. }
        | GraphError::SelfDependency { .. }
        | GraphError::LineageCycle { .. }
        | GraphError::DependencyCycle { .. } => "cycle",
        _ => "graph_fault",
    }
}
