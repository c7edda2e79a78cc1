//! Making scripts of plans.

use super::comment::one_line;
use super::error::OfflineError;
use super::resolve::{Basis, Fault, Resolved, Resolver};
use super::script::{Gap, Item, Script, ScriptStep};
use crate::connection::Dialect;
use crate::error::BodyError;
use crate::graph::RevisionGraph;
use crate::ledger::{Facts, LedgerNames, Texts};
use crate::operation::{Operation, OperationError};
use crate::plan::{Applied, Direction, OfflinePlan, OfflineStamp, Step};
use crate::registry::Migrations;
use std::borrow::Cow;

/// What a script says of whoever wrote it, and how it runs.
pub(crate) struct Author<'a> {
    pub(crate) names: &'a LedgerNames,
    pub(crate) applied_by: &'a str,
    pub(crate) binary_version: &'a str,
    pub(crate) single_transaction: bool,
    /// The settings that limit the time of statements, with their milliseconds.
    pub(crate) limits: Vec<(&'static str, u128)>,
}

/// Writes scripts.
pub(crate) struct Writer<'a> {
    graph: &'a RevisionGraph,
    migrations: &'a dyn Migrations,
    author: &'a Author<'a>,
    dialect: Dialect,
    texts: Texts<'a>,
}

/// What a step does, between its two writings of the ledger.
#[derive(Default)]
struct Body {
    items: Vec<Item>,
    rust: Vec<String>,
    gap: Option<Gap>,
    /// Whether an SQLite table is copied.
    rebuilds: bool,
}

impl Body {
    fn gap(gap: Gap) -> Self {
        Self { gap: Some(gap), ..Self::default() }
    }
}

impl<'a> Writer<'a> {
    pub(crate) fn new(
        graph: &'a RevisionGraph,
        migrations: &'a dyn Migrations,
        author: &'a Author<'a>,
        dialect: Dialect,
    ) -> Self {
        Self { graph, migrations, author, dialect, texts: Texts::new(dialect, author.names) }
    }

    /// A script of a plan; `title` says which.
    pub(crate) fn plan(&self, title: &str, offline: &OfflinePlan<'_>) -> Result<Script, OfflineError> {
        let OfflinePlan { assumed, plan } = offline;
        let mut resolver =
            Resolver::new(self.dialect, Basis::Operations(Box::new(|| self.recorded(assumed))));
        let mut steps = Vec::with_capacity(plan.len());
        let mut rebuilds = false;
        for step in &plan.steps {
            let body = self.body(step, &mut resolver)?;
            rebuilds |= body.rebuilds;
            steps.push(self.step(step, body)?);
        }
        let mut script = self.empty(title, &plan.heads_after);
        if rebuilds {
            script.opening.push(Item::Comment(
                "Tables are copied. With foreign keys on, dropping the old one would take rows of others with it".to_owned(),
            ));
            script.opening.push(Item::Statement("PRAGMA foreign_keys = OFF".to_owned()));
        }
        if assumed.is_empty() && plan.direction == Direction::Upgrade && !plan.is_empty() {
            script.opening.extend(self.tables()?);
        }
        if self.author.single_transaction && !plan.is_empty() {
            script.opening.extend(self.begin());
            script.closing.push(commit());
        }
        script.steps = steps;
        script.deferred = plan.deferred.iter().map(Into::into).collect();
        Ok(script)
    }

    /// A script of a stamp.
    pub(crate) fn stamp(
        &self,
        title: &str,
        offline: &OfflineStamp<'_>,
        purge: bool,
    ) -> Result<Script, OfflineError> {
        let OfflineStamp { assumed, stamp } = offline;
        let mut script = self.empty(title, &stamp.heads_after);
        if stamp.is_empty() && !purge {
            return Ok(script);
        }
        if assumed.is_empty() {
            script.opening = self.tables()?;
        }
        script.opening.push(begin(self.dialect));
        if purge {
            script.opening.extend(
                self.texts.purge(self.author.applied_by, self.author.binary_version)?.map(Item::Statement),
            );
        }
        for revision in &stamp.delete {
            let statements = self.texts.unstamp(&self.facts(revision))?;
            script.steps.push(self.stamped(revision, "forget", statements));
        }
        for revision in &stamp.insert {
            let statements = self.texts.stamp(&self.facts(revision))?;
            script.steps.push(self.stamped(revision, "record", statements));
        }
        script.closing.push(commit());
        Ok(script)
    }

    fn stamped(&self, revision: &str, verb: &str, statements: [String; 2]) -> ScriptStep {
        let message = self.facts(revision).message;
        ScriptStep {
            revision: revision.to_owned(),
            description: one_line(&format!("{verb} {revision}, {message}")),
            transaction: true,
            items: statements.map(Item::Statement).into(),
            rust: Vec::new(),
            gap: None,
        }
    }

    fn empty(&self, title: &str, heads_after: &[&str]) -> Script {
        Script {
            dialect: self.dialect,
            title: one_line(title),
            written_by: self.author.binary_version.to_owned(),
            opening: Vec::new(),
            steps: Vec::new(),
            closing: Vec::new(),
            heads_after: heads_after.iter().map(ToString::to_string).collect(),
            deferred: Vec::new(),
        }
    }

    /// The ledger's tables, in a transaction of their own as in a run.
    fn tables(&self) -> Result<Vec<Item>, OperationError> {
        let mut items =
            vec![Item::Comment("The tables that say what is applied".to_owned()), begin(self.dialect)];
        items.extend(self.texts.create()?.into_iter().map(Item::Statement));
        items.push(commit());
        Ok(items)
    }

    /// The operations of what is assumed to be applied, in order; of a body that works on the connection those
    /// before it does.
    fn recorded(&self, assumed: &Applied) -> Vec<Operation> {
        let applied = self.graph.topological().filter(|revision| assumed.contains(&revision.id));
        let record = |id: &str| self.migrations.record(id, self.dialect, Direction::Upgrade).0;
        applied.flat_map(|revision| record(&revision.id).operations).collect()
    }

    /// Asks a body for its operations and renders them.
    fn body(&self, step: &Step<'_>, resolver: &mut Resolver<'_>) -> Result<Body, OfflineError> {
        if step.direction() == Direction::Upgrade && self.migrations.backfill(step.id()).is_some() {
            return Ok(Body::gap(Gap::Backfill));
        }
        let (recording, outcome) = self.migrations.record(step.id(), self.dialect, step.direction());
        if let (false, Err(error)) = (recording.opaque, outcome) {
            return Err(unwritable(step, error));
        }
        let mut body = Body::default();
        for operation in &recording.operations {
            if let Operation::Data { description, .. } = operation {
                body.items.push(Item::Comment(format!("Rust: {}", one_line(description))));
                body.rust.push(description.clone());
                continue;
            }
            match resolver.resolve(operation) {
                Ok(Resolved { statements, rebuilt }) => {
                    body.rebuilds |= rebuilt.is_some();
                    if self.is_transactional(step) && statements.iter().any(|it| !it.in_transaction) {
                        let operation = operation.to_string();
                        return Err(unwritable(step, OperationError::NotInTransaction { operation }));
                    }
                    if statements.len() > 1 {
                        body.items.push(Item::Comment(operation.to_string()));
                    }
                    body.items.extend(statements.into_iter().map(|statement| Item::Statement(statement.sql)));
                }
                Err(Fault::Impossible(error)) => return Err(unwritable(step, error)),
                Err(Fault::Schema(reason)) => {
                    body.gap = Some(Gap::Schema { reason });
                    break;
                }
            }
        }
        if recording.opaque {
            body.gap = Some(Gap::Connection);
        }
        if body.rebuilds {
            let check = self.texts.no_broken_foreign_keys(step.id());
            body.items.push(Item::Statement(check.map_err(OfflineError::from)?));
        }
        Ok(body)
    }

    fn step(&self, step: &Step<'_>, body: Body) -> Result<ScriptStep, OperationError> {
        let transaction = self.is_transactional(step);
        let items = match &body.gap {
            Some(gap) => self.gap(step, gap, body.items)?,
            None => self.around(step, transaction, body.items)?,
        };
        Ok(ScriptStep {
            revision: step.id().to_owned(),
            description: described(step),
            transaction,
            items,
            rust: body.rust,
            gap: body.gap,
        })
    }

    /// Puts the ledger's statements and the transactions of a run around a body.
    fn around(
        &self,
        step: &Step<'_>,
        transaction: bool,
        body: Vec<Item>,
    ) -> Result<Vec<Item>, OperationError> {
        let facts = self.facts(step.id());
        let related = self.related(step);
        let related: Vec<_> = related.iter().map(String::as_str).collect();
        let first = match step.direction() {
            Direction::Upgrade => vec![self.texts.claim(&facts, &related)?],
            Direction::Downgrade => self.texts.begin_downgrade(&facts, &related)?,
        };
        let last = match step.direction() {
            Direction::Upgrade => self.texts.finish_upgrade(&facts)?,
            Direction::Downgrade => self.texts.finish_downgrade(&facts)?,
        };
        let (first, last) = (first.into_iter().map(Item::Statement), last.map(Item::Statement));
        let body = apart(body);
        let mut items = Vec::new();
        if self.author.single_transaction {
            items.extend(first.chain(body).chain(last));
        } else if transaction {
            items.extend(self.begin());
            items.extend(first.chain(body).chain(last));
            items.push(commit());
        } else {
            items.push(begin(self.dialect));
            items.extend(first);
            items.push(commit());
            let limits = self.author.limits.iter();
            items
                .extend(limits.clone().map(|(name, limit)| Item::Statement(format!("SET {name} = {limit}"))));
            items.extend(body);
            items.extend(limits.map(|(name, _)| Item::Statement(format!("RESET {name}"))));
            items.push(begin(self.dialect));
            items.extend(last);
            items.push(commit());
        }
        Ok(items)
    }

    /// Where the script stops until the step was taken with the program that holds its Rust.
    fn gap(&self, step: &Step<'_>, gap: &Gap, known: Vec<Item>) -> Result<Vec<Item>, OperationError> {
        let revision = step.id();
        let command = match (gap, step.direction()) {
            (Gap::Backfill, _) => format!("backfill run {revision}"),
            (_, Direction::Upgrade) => format!("upgrade {revision}"),
            (_, Direction::Downgrade) => format!("downgrade {revision}-1"),
        };
        let anew = match step.direction() {
            Direction::Upgrade => format!(", or print it anew: upgrade --sql {revision}:<target>"),
            Direction::Downgrade => String::new(),
        };
        let words = format!(
            "This step {gap}.\nThe script stops here. Run the program that holds it: {command}\n\
             Then run what stands below{anew}"
        );
        let mut items = vec![Item::Comment(words)];
        if !known.is_empty() {
            items.push(Item::Comment("What is known of it:".to_owned()));
            items.extend(known.into_iter().map(|item| match item {
                Item::Statement(text) | Item::Comment(text) => Item::Comment(indented(&text)),
            }));
        }
        let upgrade = step.direction() == Direction::Upgrade;
        let message = format!("not in this script: {command}");
        items.push(Item::Statement(self.texts.gate(revision, upgrade, &message)?));
        Ok(items)
    }

    /// What has to be there: parents and dependencies on the way up; what has to be gone on the way down.
    fn related(&self, step: &Step<'_>) -> Vec<String> {
        let (graph, id) = (self.graph, step.id());
        let mut related: Vec<_> = match step.direction() {
            Direction::Upgrade => {
                graph.parents(id).chain(graph.dependencies(id)).map(str::to_owned).collect()
            }
            Direction::Downgrade => {
                graph.children(id).chain(graph.dependents(id)).map(str::to_owned).collect()
            }
        };
        related.sort_unstable();
        related.dedup();
        related
    }

    /// On MySQL every change of the schema commits, so no step has a transaction there.
    fn is_transactional(&self, step: &Step<'_>) -> bool {
        let declaration = self.migrations.declaration(step.id());
        self.dialect != Dialect::Mysql && declaration.is_none_or(|declaration| declaration.transaction)
    }

    fn begin(&self) -> Vec<Item> {
        let limits = self.author.limits.iter();
        let limits = limits.map(|(name, limit)| Item::Statement(format!("SET LOCAL {name} = {limit}")));
        std::iter::once(begin(self.dialect)).chain(limits).collect()
    }

    fn facts<'s>(&'s self, revision: &'s str) -> Facts<'s> {
        let declaration = self.migrations.declaration(revision);
        Facts {
            revision,
            message: declaration.map_or("", |declaration| declaration.message),
            checksum: declaration.and_then(|declaration| declaration.checksum),
            applied_by: self.author.applied_by,
            binary_version: self.author.binary_version,
        }
    }
}

fn begin(dialect: Dialect) -> Item {
    Item::Statement(if dialect == Dialect::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" }.to_owned())
}

/// The body between empty lines, so that what is the author's is seen at a glance.
fn apart(mut body: Vec<Item>) -> Vec<Item> {
    if !body.is_empty() {
        body.insert(0, Item::Comment(String::new()));
        body.push(Item::Comment(String::new()));
    }
    body
}

fn commit() -> Item {
    Item::Statement("COMMIT".to_owned())
}

fn described(step: &Step<'_>) -> String {
    let place = |ids: &[Cow<'_, str>]| if ids.is_empty() { "<base>".to_owned() } else { ids.join(", ") };
    let way = format!("{} {} -> {}", step.direction(), place(step.from()), place(step.to()));
    match one_line(step.message()).as_str() {
        "" => way,
        message => format!("{way}, {message}"),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn unwritable(step: &Step<'_>, cause: impl Into<BodyError>) -> OfflineError {
    OfflineError::Step {
        revision: step.id().to_owned(),
        direction: step.direction(),
        cause: cause.into().into_source(),
    }
}
