//! A function of a script, statement by statement.

use std::collections::{BTreeMap, BTreeSet};

use super::super::python::{BATCH, Call, Expr, Function, Scope, Statement, StatementKind};
use super::arguments::Arguments;
use super::callee::{Callee, callee, is_bind};
use super::change::BareTable;
use super::step::{Step, body, grouped};
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

/// What the function does as operations; otherwise the line of the statement that has no counterpart, and why.
pub(in crate::alembic) fn translate(
    function: &Function,
    module: &Scope,
    helpers: &BTreeMap<String, Function>,
) -> Result<Result<Body, Irreversible>, (usize, NotPlain)> {
    if let Some(reason) = raises(function, module) {
        return Ok(Err(Irreversible(reason)));
    }
    let mut walk = Walk { helpers, module, known: Known::default(), steps: Vec::new(), last: 0, depth: 0 };
    walk.function(function)?;
    let steps = walk.steps;
    Ok(Ok(Body {
        is_empty: steps.iter().all(Step::is_silent),
        outside: steps.iter().any(|step| step.outside),
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

struct Walk<'m> {
    helpers: &'m BTreeMap<String, Function>,
    module: &'m Scope,
    known: Known,
    steps: Vec<Step>,
    /// Where the steps of the statement before begin.
    last: usize,
    depth: usize,
}

type Walked = Result<(), (usize, NotPlain)>;

impl Walk<'_> {
    fn function(&mut self, function: &Function) -> Walked {
        let mut scope = self.module.clone();
        // Some projects hand it over as a parameter.
        scope.name_if_free("op", "alembic.op");
        for (at, statement) in function.body.iter().enumerate() {
            match &statement.kind {
                StatementKind::Expression(Expr::Str(docstring)) => {
                    let is_first = function.body[..at]
                        .iter()
                        .all(|before| matches!(before.kind, StatementKind::Comment(_)));
                    if is_first {
                        self.docstring(docstring);
                    }
                }
                _ => self.statement(statement, &mut scope, None)?,
            }
        }
        Ok(())
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
        if statement.apart && self.steps.last().is_some_and(|last| *last != Step::blank()) {
            self.steps.push(Step::blank());
        }
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
                    if let Some(helper) = self.helper(&call) {
                        return self.inline(&helper, statement.line);
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
            StatementKind::Other { word, .. } => return Err(at_line(NotPlain::new(word))),
        }
        Ok(())
    }

    /// A function of the script that is called without arguments.
    fn helper(&self, call: &Call) -> Option<Function> {
        let is_bare = call.arguments.is_empty() && call.keywords.is_empty();
        let name = call.function.path().filter(|_| is_bare)?;
        self.helpers.get(&name).cloned()
    }

    fn inline(&mut self, helper: &Function, line: usize) -> Walked {
        if self.depth == DEEPEST {
            return Err((line, NotPlain::new(format_args!("`{}`, which calls itself", helper.name))));
        }
        self.depth += 1;
        let walked = self.function(helper);
        self.depth -= 1;
        walked
    }

    /// A value that is only remembered; making it must do nothing.
    fn assignment(&mut self, name: &str, value: &Expr, scope: &mut Scope) -> Plain<()> {
        let value = scope.resolve(value);
        if let Expr::Call(call) = &value
            && callee(&call.function) == Some(Callee::Operation("create_table".to_owned()))
        {
            let steps = operation::steps("create_table", call, &mut self.known)?;
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
                _ => Err(NotPlain::new(format_args!("`.{method}()` of the connection"))),
            };
        }
        match (callee(&call.function), batch) {
            (Some(Callee::Operation(name)), _) => operation::steps(&name, call, &mut self.known),
            (Some(Callee::Batch(name)), Some(table)) => operation::batch_steps(&name, call, table),
            // It only talks.
            (Some(Callee::Foreign(path)), _) if path == "print" && call.arguments.iter().all(is_talk) => {
                Ok(Vec::new())
            }
            _ => Err(NotPlain::new(format_args!("a call of {}", call.function))),
        }
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
            for statement in body {
                self.statement(statement, &mut scope, None)?;
            }
            self.steps[before..].iter_mut().for_each(|step| step.outside = true);
            return Ok(());
        }
        if callee(&call.function) != Some(Callee::Operation("batch_alter_table".to_owned())) {
            return Err(unknown());
        }
        let table = batch_table(call).map_err(|what| (line, what))?;
        scope.name(name.ok_or_else(unknown)?, BATCH);
        for statement in body {
            self.statement(statement, &mut scope, Some(&table))?;
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

/// Whether making the value does nothing but make it.
fn is_still(value: &Expr) -> bool {
    match value {
        Expr::Str(_) | Expr::Int(_) | Expr::Float(_) | Expr::Bool(_) | Expr::None | Expr::Name(_) => true,
        Expr::Attribute(object, _) => is_still(object),
        Expr::List(items) => items.iter().all(is_still),
        Expr::Dict(pairs) => pairs.iter().all(|(key, value)| is_still(key) && is_still(value)),
        Expr::Sum(left, right) => is_still(left) && is_still(right),
        Expr::Call(call) => {
            let makes = match callee(&call.function) {
                Some(Callee::Sqlalchemy(_) | Callee::Postgres(_)) => true,
                Some(Callee::Operation(name)) => name == "get_context",
                _ => false,
            };
            let inner = call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value));
            is_bind(value) || makes && inner.into_iter().all(is_still)
        }
        Expr::Other { .. } => false,
    }
}

/// Whether printing it does nothing else.
fn is_talk(value: &Expr) -> bool {
    match value {
        Expr::Other { calls, .. } => !calls,
        other => is_still(other),
    }
}

/// What autogenerate writes around its operations.
fn is_marker(comment: &str) -> bool {
    comment.starts_with("###")
        || comment.starts_with("## commands")
        || comment.contains("end Alembic commands")
}
