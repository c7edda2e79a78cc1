//! A function of a script, statement by statement.

use std::collections::{BTreeMap, BTreeSet};

use super::super::python::{BATCH, Call, Expr, Function, Scope, Statement, StatementKind};
use super::arguments::Arguments;
use super::callee::{Callee, callee, is_bind};
use super::change::BareTable;
use super::flow::Flow;
use super::naming::Naming;
use super::step::{Step, body, grouped};
use super::still::{is_still, talks};
use super::{NotPlain, Plain, enums, operation};

/// A body as operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::alembic) struct Body {
    /// The text of the function's body.
    pub(in crate::alembic) rust: String,
    /// Whether it does anything.
    pub(in crate::alembic) is_empty: bool,
    /// Whether something in it runs only outside of a transaction.
    pub(in crate::alembic) outside: bool,
    /// How many constraints in it have no name, neither of their own nor by a convention.
    pub(in crate::alembic) unnamed: usize,
}

/// A `downgrade` that does nothing but raise an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::alembic) struct Irreversible(pub(in crate::alembic) String);

/// What a body has done so far that later statements depend on.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Enum types that are there by now.
    pub(super) enums: BTreeSet<String>,
}

/// What the functions of a script are read with.
#[derive(Debug, Clone, Copy)]
pub(in crate::alembic) struct Surroundings<'m> {
    /// The imports and constants of its module.
    pub(in crate::alembic) module: &'m Scope,
    /// Its other functions.
    pub(in crate::alembic) helpers: &'m BTreeMap<String, Function>,
    /// How the application's metadata names what scripts leave unnamed.
    pub(in crate::alembic) naming: &'m Naming,
}

/// What the function does as operations; otherwise the line of the statement that has no counterpart, and why.
pub(in crate::alembic) fn translate(
    function: &Function,
    around: Surroundings<'_>,
) -> Result<Result<Body, Irreversible>, (usize, NotPlain)> {
    if let Some(reason) = raises(function, around.module) {
        return Ok(Err(Irreversible(reason)));
    }
    let mut walk = Walk {
        around,
        known: Known::default(),
        steps: Vec::new(),
        last: 0,
        depth: 0,
        unnamed: 0,
        commits: false,
    };
    walk.function(function, Vec::new())?;
    let steps = walk.steps;
    Ok(Ok(Body {
        is_empty: steps.iter().all(Step::is_silent),
        outside: walk.commits || steps.iter().any(|step| step.outside),
        unnamed: walk.unnamed,
        rust: body(&steps),
    }))
}

/// Why a function that does nothing but raise raises.
fn raises(function: &Function, module: &Scope) -> Option<String> {
    let mut statements = function.body.iter().filter(|statement| {
        !matches!(statement.kind, StatementKind::Comment(_) | StatementKind::Expression(Expr::Str(_)))
    });
    let (Some(Statement { kind: StatementKind::Raise(raised), .. }), None) =
        (statements.next(), statements.next())
    else {
        return None;
    };
    let said = match module.resolve(raised) {
        Expr::Call(call) => call.arguments.first().and_then(Expr::texts).map(|texts| texts.concat()),
        _ => None,
    };
    let said = said
        .map(|said| said.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|said| !said.is_empty());
    Some(said.unwrap_or_else(|| "its `downgrade` in Alembic raises an error".to_owned()))
}

/// How deep helpers may call helpers.
const DEEPEST: usize = 8;

/// How many steps a body may have: a loop over much is data, not a migration.
const LONGEST: usize = 2_000;

pub(super) struct Walk<'m> {
    around: Surroundings<'m>,
    pub(super) known: Known,
    pub(super) steps: Vec<Step>,
    /// Where the steps of the statement before begin.
    pub(super) last: usize,
    depth: usize,
    unnamed: usize,
    /// Whether it commits in its middle.
    commits: bool,
}

pub(super) type Walked = Result<(), (usize, NotPlain)>;

impl Walk<'_> {
    fn function(&mut self, function: &Function, arguments: Vec<(String, Expr)>) -> Walked {
        let mut scope = self.around.module.clone();
        // Some projects hand it over as a parameter.
        scope.name_if_free("op", "alembic.op");
        for (name, value) in arguments {
            scope.bind(&name, value);
        }
        let comments = function.body.iter().take_while(|it| matches!(it.kind, StatementKind::Comment(_)));
        let first = comments.count();
        let docstring = match function.body.get(first).map(|statement| &statement.kind) {
            Some(StatementKind::Expression(Expr::Str(docstring))) => Some(docstring),
            _ => None,
        };
        self.statements(&function.body[..first], &mut scope, None)?;
        if let Some(docstring) = docstring {
            self.docstring(docstring);
        }
        let rest = &function.body[first + usize::from(docstring.is_some())..];
        self.statements(rest, &mut scope, None)?;
        Ok(())
    }

    pub(super) fn statements(
        &mut self,
        statements: &[Statement],
        scope: &mut Scope,
        batch: Option<&BareTable>,
    ) -> Result<Flow, (usize, NotPlain)> {
        for (at, statement) in statements.iter().enumerate() {
            match &statement.kind {
                StatementKind::Return => return Ok(Flow::Returned),
                StatementKind::If { condition, then, otherwise, .. } => {
                    let branches = [then.as_slice(), otherwise];
                    let rest = &statements[at + 1..];
                    let condition = scope.resolve(condition);
                    let flow = self.condition(statement, &condition, branches, rest, scope, batch)?;
                    if flow != Flow::On {
                        return Ok(flow);
                    }
                }
                _ => self.statement(statement, scope, batch)?,
            }
            if self.steps.len() > LONGEST {
                return Err((statement.line, NotPlain::new(format_args!("more than {LONGEST} steps"))));
            }
        }
        Ok(Flow::On)
    }

    /// What a docstring says beyond that it is one.
    fn docstring(&mut self, text: &str) {
        let lines: Vec<_> = text.trim().lines().map(str::trim).collect();
        if lines.len() > 1 || text.split_whitespace().count() > 4 {
            self.steps.extend(lines.into_iter().map(Step::comment));
            self.steps.push(Step::blank());
        }
    }

    fn statement(&mut self, statement: &Statement, scope: &mut Scope, batch: Option<&BareTable>) -> Walked {
        let at_line = |what: NotPlain| (statement.line, what);
        self.gap(statement);
        if !matches!(statement.kind, StatementKind::Comment(_)) {
            self.last = self.steps.len();
        }
        match &statement.kind {
            StatementKind::Comment(text) => {
                if !is_marker(text) {
                    let at =
                        if statement.behind { self.last.min(self.steps.len()) } else { self.steps.len() };
                    self.steps.insert(at, Step::comment(text));
                }
            }
            StatementKind::Pass | StatementKind::Expression(Expr::Str(_)) => {}
            StatementKind::Import(names) => scope.import(names),
            StatementKind::Assignment { name, value } => {
                self.assignment(name, value, scope).map_err(at_line)?;
            }
            StatementKind::Expression(value) => match scope.resolve(value) {
                Expr::Call(call) => {
                    if let Some((helper, arguments)) = self.helper(&call) {
                        return self.inline(&helper, arguments, statement.line);
                    }
                    let steps = self.call(&call, batch).map_err(at_line)?;
                    self.steps.extend(steps);
                }
                other => return Err(at_line(NotPlain::new(other))),
            },
            StatementKind::With { value, name, body } => {
                return self.with(&scope.resolve(value), name.as_deref(), body, scope, statement.line);
            }
            StatementKind::Function(_) => return Err(at_line(NotPlain::new("a function in a function"))),
            StatementKind::Raise(_) => return Err(at_line(NotPlain::new("a `raise`"))),
            StatementKind::For { target, over, body, .. } => {
                return self.repeat(statement, target, over, body, scope, batch);
            }
            StatementKind::Return => return Err(at_line(NotPlain::new("a `return`"))),
            StatementKind::If { .. } => return Err(at_line(NotPlain::new("an `if`"))),
            StatementKind::Other { word, .. } => return Err(at_line(NotPlain::new(word))),
        }
        Ok(())
    }

    /// The empty line before a statement.
    pub(super) fn gap(&mut self, statement: &Statement) {
        if statement.apart && self.steps.last().is_some_and(|last| *last != Step::blank()) {
            self.steps.push(Step::blank());
        }
    }

    /// A function of the script, and what each of its parameters is in this call.
    fn helper(&self, call: &Call) -> Option<(Function, Vec<(String, Expr)>)> {
        let helper = self.around.helpers.get(&call.function.path()?)?;
        let parameters = helper.parameters.as_ref()?;
        let mut given: BTreeMap<_, _> = call.keywords.iter().cloned().collect();
        if call.arguments.len() > parameters.len() {
            return None;
        }
        let mut positional = call.arguments.iter();
        let mut arguments = Vec::new();
        for (name, default) in parameters {
            let value = match positional.next() {
                Some(value) => value.clone(),
                None => given.remove(name).or_else(|| Some(self.around.module.resolve(default.as_ref()?)))?,
            };
            if !is_still(&value) {
                return None;
            }
            arguments.push((name.clone(), value));
        }
        given.is_empty().then(|| (helper.clone(), arguments))
    }

    fn inline(&mut self, helper: &Function, arguments: Vec<(String, Expr)>, line: usize) -> Walked {
        if self.depth == DEEPEST {
            return Err((line, NotPlain::new(format_args!("`{}`, which calls itself", helper.name))));
        }
        self.depth += 1;
        let walked = self.function(helper, arguments);
        self.depth -= 1;
        walked
    }

    /// A value that is only remembered; making it must do nothing.
    fn assignment(&mut self, name: &str, value: &Expr, scope: &mut Scope) -> Plain<()> {
        let value = scope.resolve(value);
        if let Expr::Call(call) = &value
            && callee(&call.function) == Some(Callee::Operation("create_table".to_owned()))
        {
            let steps = self.call(call, None)?;
            self.steps.extend(steps);
            // Alembic returns the table, for `bulk_insert`.
            let columns =
                call.arguments.iter().filter(|part| super::callee::is_sqlalchemy(part, "Column")).cloned();
            let arguments = call.arguments.first().cloned().into_iter().chain(columns).collect();
            let keywords = call.keywords.iter().filter(|(name, _)| name == "schema").cloned().collect();
            let function = Expr::Attribute(Box::new(Expr::Name("sqlalchemy".to_owned())), "table".to_owned());
            scope.assign(name, &Expr::Call(Box::new(Call { function, arguments, keywords })));
            return Ok(());
        }
        if !is_still(&value) {
            return Err(NotPlain::new(format_args!("{value} as `{name}`")));
        }
        scope.assign(name, &value);
        Ok(())
    }

    fn call(&mut self, call: &Call, batch: Option<&BareTable>) -> Plain<Vec<Step>> {
        if let Some(of_enum) = enums::statement(call) {
            let (rust, created) = of_enum?;
            self.known.enums.extend(created.map(|created| created.name));
            return Ok(vec![Step::statement(rust)]);
        }
        if let Expr::Attribute(object, method) = &call.function
            && is_bind(object)
        {
            return match method.as_str() {
                "execute" => Ok(vec![operation::execute(call)?]),
                // What is done so far stays, which it does as well where each operation commits.
                "commit" if call.arguments.is_empty() && call.keywords.is_empty() => {
                    self.commits |= self.steps.iter().any(|step| !step.is_silent());
                    Ok(Vec::new())
                }
                _ => Err(NotPlain::new(format_args!("`.{method}()` of the connection"))),
            };
        }
        if talks(call) {
            return Ok(Vec::new());
        }
        let unknown = || NotPlain::new(format_args!("a call of {}", call.function));
        let mut steps = Vec::new();
        let named = self.around.naming.settle(call, batch)?;
        self.unnamed += named.unnamed;
        for call in &named.calls {
            steps.extend(match (callee(&call.function), batch) {
                (Some(Callee::Operation(name)), _) => operation::steps(&name, call, &mut self.known)?,
                (Some(Callee::Batch(name)), Some(table)) => operation::batch_steps(&name, call, table)?,
                _ => return Err(unknown()),
            });
        }
        Ok(steps)
    }

    fn with(
        &mut self,
        value: &Expr,
        name: Option<&str>,
        body: &[Statement],
        scope: &Scope,
        line: usize,
    ) -> Walked {
        let unknown = || (line, NotPlain::new(format_args!("a `with` of {value}")));
        let Expr::Call(call) = value else { return Err(unknown()) };
        let before = self.steps.len();
        let mut scope = scope.clone();
        if is_autocommit(call) {
            if self.statements(body, &mut scope, None)? != Flow::On {
                return Err((line, NotPlain::new("a `return` in a `with`")));
            }
            self.steps[before..].iter_mut().for_each(|step| step.outside = true);
            return Ok(());
        }
        if callee(&call.function) == Some(Callee::Foreign("contextlib.nullcontext".to_owned())) {
            return match self.statements(body, &mut scope, None)? {
                Flow::On => Ok(()),
                _ => Err((line, NotPlain::new("a `return` in a `with`"))),
            };
        }
        if callee(&call.function) != Some(Callee::Operation("batch_alter_table".to_owned())) {
            return Err(unknown());
        }
        let table = batch_table(call).map_err(|what| (line, what))?;
        scope.name(name.ok_or_else(unknown)?, BATCH);
        if self.statements(body, &mut scope, Some(&table))? != Flow::On {
            return Err((line, NotPlain::new("a `return` in a `with`")));
        }
        let steps = self.steps.split_off(before);
        self.steps.extend(grouped(steps));
        Ok(())
    }
}

/// `op.batch_alter_table("users", schema=…)`
fn batch_table(call: &Call) -> Plain<BareTable> {
    let mut arguments = Arguments::of(call);
    let table = arguments.text(0, "table_name")?;
    let schema = arguments.optional_text(1, "schema")?;
    // How SQLite's copy is made; here it is always made from what the database holds.
    arguments.ignore(&["recreate", "reflect_args", "reflect_kwargs", "table_kwargs", "partial_reordering"]);
    arguments.finish()?;
    Ok(BareTable { table, schema })
}

/// `op.get_context().autocommit_block()`
fn is_autocommit(call: &Call) -> bool {
    let Expr::Attribute(context, method) = &call.function else { return false };
    let Expr::Call(context) = &**context else { return false };
    method == "autocommit_block"
        && callee(&context.function) == Some(Callee::Operation("get_context".to_owned()))
}

/// What autogenerate writes around its operations.
fn is_marker(comment: &str) -> bool {
    comment.starts_with("###")
        || comment.starts_with("## commands")
        || comment.contains("end Alembic commands")
}
