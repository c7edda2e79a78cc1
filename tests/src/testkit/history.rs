//! Migrations that a test writes as closures.

use migrate_core::backfill::SpanBackfill;
use migrate_core::connection::{Driver as _, MigrationConnection};
use migrate_core::prelude::*;
use migrate_core::registry::{AnyEntry, Declaration, Entry};
use migrate_core::{Manifest, Migrator, Options};

type Body = Box<dyn Fn(&mut Context<'_, AnyConnection>) -> Result<()> + Send + Sync>;

/// One migration.
///
/// By default `up` creates the table `t_<revision>` and `down` drops it. Whatever its body, a migration first
/// writes its revision into the table `applied_log`, so that what was committed, and how often, can be seen.
#[must_use]
pub struct Step {
    declaration: Declaration,
    up: Body,
    down: Body,
    logs: bool,
}

impl Step {
    /// A base.
    pub fn new(revision: &'static str) -> Self {
        Self {
            declaration: Declaration {
                revision,
                down_revisions: &[],
                depends_on: &[],
                branch_labels: &[],
                message: leak(format!("step {revision}")),
                transaction: true,
                irreversible: None,
                allow: &[],
                checksum: Some("original"),
                crate_name: "fixture",
                crate_version: "1.2.3",
                file: file!(),
                line: line!(),
                struct_name: "Step",
            },
            up: Box::new(|cx| cx.execute(format!("CREATE TABLE t_{} (id integer)", cx.revision()))),
            down: Box::new(|cx| cx.execute(format!("DROP TABLE t_{}", cx.revision()))),
            logs: true,
        }
    }

    /// Names its parents.
    pub fn on(mut self, parents: &[&'static str]) -> Self {
        self.declaration.down_revisions = parents.to_vec().leak();
        self
    }

    /// Names what it depends on.
    pub fn depends_on(mut self, revisions: &[&'static str]) -> Self {
        self.declaration.depends_on = revisions.to_vec().leak();
        self
    }

    /// Says what it does.
    pub fn message(mut self, message: &'static str) -> Self {
        self.declaration.message = message;
        self
    }

    /// Runs it outside a transaction.
    pub fn outside_transaction(mut self) -> Self {
        self.declaration.transaction = false;
        self
    }

    /// Says that it cannot be undone.
    pub fn irreversible(mut self, reason: &'static str) -> Self {
        self.declaration.irreversible = Some(reason);
        self
    }

    /// Gives its source another checksum than `original`.
    pub fn checksum(mut self, checksum: &'static str) -> Self {
        self.declaration.checksum = Some(checksum);
        self
    }

    /// Replaces the body of `up`.
    pub fn up(
        mut self,
        body: impl Fn(&mut Context<'_, AnyConnection>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.up = Box::new(body);
        self
    }

    /// Replaces the body of `down`.
    pub fn down(
        mut self,
        body: impl Fn(&mut Context<'_, AnyConnection>) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.down = Box::new(body);
        self
    }

    /// Creates its table and then fails.
    pub fn failing(self) -> Self {
        self.up(|cx| {
            cx.execute(format!("CREATE TABLE t_{} (id integer)", cx.revision()))?;
            Err(BodyError::new("this step is meant to fail"))
        })
    }
}

/// The migrations of one test.
#[derive(Default)]
#[must_use]
pub struct History {
    steps: Vec<Step>,
    backfills: Vec<&'static dyn AnyEntry>,
}

impl History {
    /// No migrations yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A chain of ordinary migrations, the first one a base.
    pub fn chain(revisions: &[&'static str]) -> Self {
        let mut history = Self::new();
        for (number, revision) in revisions.iter().enumerate() {
            let parents = number.checked_sub(1).map(|before| revisions[before]);
            history = history.with(Step::new(revision).on(parents.as_slice()));
        }
        history
    }

    /// Adds a migration.
    pub fn with(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a backfill.
    pub fn with_backfill<B: SpanBackfill + 'static>(
        mut self,
        revision: &'static str,
        parents: &[&'static str],
        backfill: B,
    ) -> Self {
        let declaration = Step::new(revision).on(parents).declaration;
        let backfill: &'static B = Box::leak(Box::new(backfill));
        self.backfills.push(Box::leak(Box::new(Entry::reversible(declaration, backfill))));
        self
    }

    /// Has the bodies write nothing into `applied_log`, for which they take the connection: what they do can then be
    /// told beforehand.
    pub fn silent(mut self) -> Self {
        self.steps.iter_mut().for_each(|step| step.logs = false);
        self
    }

    /// A migrator over them, [among tables](among_tables), with options that make a test that waits for nothing fail
    /// soon.
    pub fn migrator(self) -> Migrator<AnyConnection> {
        let (manifest, entries) = self.leak();
        let options = Options { lock_wait: std::time::Duration::from_secs(30), ..Options::default() };
        let migrator = Migrator::from_entries(manifest, &[entries]).unwrap_or_else(|error| panic!("{error}"));
        among_tables(migrator.with_options(options))
    }

    /// The manifest of a crate that has them, for a program over it.
    pub fn manifest(self) -> Manifest {
        let (manifest, entries) = self.leak();
        manifest.with_entries(Box::leak(Box::new(entries)))
    }

    fn leak(self) -> (Manifest, &'static [&'static dyn AnyEntry]) {
        let steps = self.steps.into_iter().map(entry);
        let entries: Vec<_> = steps.chain(self.backfills).collect();
        let mut revisions: Vec<_> = entries.iter().map(|entry| entry.declaration().revision).collect();
        revisions.sort_unstable();
        (Manifest::new("fixture", "1.2.3", "fixture", revisions.leak(), &[]), entries.leak())
    }
}

/// A migrator that begins in a database of the testkit, where `applied_log` is before the ledger is.
#[must_use]
pub fn among_tables<C: MigrationConnection>(migrator: Migrator<C>) -> Migrator<C> {
    let options = Options { allow_tables: true, ..migrator.options().clone() };
    migrator.with_options(options)
}

/// The registry holds `'static` entries, as a macro declares them; a test's few are leaked.
fn entry(step: Step) -> &'static dyn AnyEntry {
    let step: &'static Step = Box::leak(Box::new(step));
    let entry = if step.declaration.irreversible.is_some() {
        Entry::irreversible(step.declaration, step)
    } else {
        Entry::reversible(step.declaration, step)
    };
    Box::leak(Box::new(entry))
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// On the connection: what a test counts of a step's operations are its own.
fn log(cx: &mut Context<'_, AnyConnection>) -> Result<()> {
    let (revision, direction) = (cx.revision(), cx.direction().to_string());
    let binds = [Some(revision), Some(direction.as_str())];
    cx.connection()?.execute("INSERT INTO applied_log (revision, direction) VALUES ($1, $2)", &binds)?;
    Ok(())
}

impl Migration for Step {
    type Connection = AnyConnection;

    fn up(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        if self.logs {
            log(cx)?;
        }
        (self.up)(cx)
    }

    fn down(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        if self.logs {
            log(cx)?;
        }
        (self.down)(cx)
    }
}

impl IrreversibleMigration for Step {
    type Connection = AnyConnection;

    fn up(&self, cx: &mut Context<'_, AnyConnection>) -> Result<()> {
        Migration::up(self, cx)
    }
}
