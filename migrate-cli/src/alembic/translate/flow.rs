//! What of a function runs: branches for a server, and loops over what is known.

use super::super::python::{Expr, Scope, Statement, StatementKind};
use super::NotPlain;
use super::body::{Walk, Walked};
use super::change::BareTable;
use super::condition::{Choice, Servers, servers};
use super::step::Step;
use super::still::is_still;

/// Whether what follows is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Returned,
    /// On some servers; what follows in the same block is among the steps already.
    Mixed,
}

impl Walk<'_> {
    /// An `if`. What follows it belongs to one of its branches where the other one returns.
    pub(super) fn condition(
        &mut self,
        statement: &Statement,
        condition: &Expr,
        branches: [&[Statement]; 2],
        rest: &[Statement],
        scope: &mut Scope,
        batch: Option<&BareTable>,
    ) -> Result<Flow, (usize, NotPlain)> {
        let servers = servers(condition).ok_or_else(|| (statement.line, NotPlain::new("an `if`")))?;
        let some_return = || (statement.line, NotPlain::new("a `return` on some servers only"));
        if let Choice::Always(holds) = servers.choice() {
            let flow = self.statements(branches[usize::from(!holds)], scope, batch)?;
            return if flow == Flow::Mixed && !rest.is_empty() { Err(some_return()) } else { Ok(flow) };
        }
        self.gap(statement);
        let ends = branches.map(|branch| branch.iter().any(|it| it.kind == StatementKind::Return));
        let enums = self.known.enums.clone();
        let mut made = Vec::new();
        let mut flows = [Flow::On; 2];
        for (at, branch) in branches.into_iter().enumerate() {
            let mut inner = scope.clone();
            let before = std::mem::take(&mut self.steps);
            self.known.enums.clone_from(&enums);
            self.last = 0;
            let mut flow = self.statements(branch, &mut inner, batch)?;
            if flow == Flow::On && ends[1 - at] {
                flow = self.statements(rest, &mut inner, batch)?;
            }
            made.push(std::mem::replace(&mut self.steps, before));
            flows[at] = flow;
            if !ends[0] && !ends[1] {
                scope.forget_what_differs(&inner);
            }
        }
        // A type that only one of the branches has made may have to be made again, which an error tells.
        self.known.enums = enums;
        let otherwise = made.pop().unwrap_or_default();
        let then = made.pop().unwrap_or_default();
        self.branch(servers, then, otherwise);
        match (flows, ends) {
            ([Flow::On, Flow::On], _) => Ok(Flow::On),
            ([Flow::Returned, Flow::Returned], _) => Ok(Flow::Returned),
            ([Flow::Returned, Flow::On], [true, _]) | ([Flow::On, Flow::Returned], [_, true]) => {
                Ok(Flow::Mixed)
            }
            _ => Err(some_return()),
        }
    }

    /// Adds what runs on some servers only; the branch that does something comes first.
    fn branch(&mut self, servers: Servers, then: Vec<Step>, otherwise: Vec<Step>) {
        let is_silent = |steps: &[Step]| steps.iter().all(Step::is_silent);
        let (servers, then, otherwise) = match (is_silent(&then), is_silent(&otherwise)) {
            (true, true) => return self.steps.extend(then.into_iter().chain(otherwise)),
            (true, false) => {
                self.steps.extend(then);
                (servers.not(), otherwise, Vec::new())
            }
            (false, _) => (servers, then, otherwise),
        };
        self.last = self.steps.len();
        if let Choice::Here(condition) = servers.choice() {
            self.steps.push(Step::branch(condition, then, otherwise));
        }
    }

    /// A loop over values that are known: its body once for each.
    pub(super) fn repeat<'s>(
        &mut self,
        statement: &Statement,
        target: &'s Expr,
        over: &Expr,
        body: &[Statement],
        scope: &mut Scope,
        batch: Option<&BareTable>,
    ) -> Walked {
        let unknown = || (statement.line, NotPlain::new("a `for` loop"));
        let Expr::List(values) = scope.resolve(over) else { return Err(unknown()) };
        for value in values {
            let names: Vec<_> = match (target, value) {
                (Expr::Name(name), value) => vec![(name, value)],
                (Expr::List(names), Expr::List(values)) if names.len() == values.len() => {
                    let pair = |(name, value): (&'s Expr, Expr)| match name {
                        Expr::Name(name) => Some((name, value)),
                        _ => None,
                    };
                    names.iter().zip(values).map(pair).collect::<Option<_>>().ok_or_else(unknown)?
                }
                _ => return Err(unknown()),
            };
            for (name, value) in names {
                if !is_still(&value) {
                    return Err(unknown());
                }
                scope.bind(name, value);
            }
            if self.statements(body, scope, batch)? != Flow::On {
                return Err((statement.line, NotPlain::new("a `return` in a loop")));
            }
        }
        Ok(())
    }
}
