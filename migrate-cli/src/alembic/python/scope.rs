//! What the names of a script stand for: imports and constants.

use std::collections::BTreeMap;

use super::tree::{Call, Expr, Statement, StatementKind};

/// The path of what `with op.batch_alter_table(…) as name:` gives a name to.
pub(in crate::alembic) const BATCH: &str = "alembic.batch";

/// Names and what they stand for.
#[derive(Debug, Clone, Default)]
pub(in crate::alembic) struct Scope {
    values: BTreeMap<String, Expr>,
}

impl Scope {
    /// The imports and constants of a module: names that are given a value once, outside of any condition.
    pub(in crate::alembic) fn of_module(statements: &[Statement]) -> Self {
        let mut scope = Self::default();
        let mut unsettled = Vec::new();
        for statement in statements {
            match &statement.kind {
                StatementKind::Assignment { name, value } => {
                    if scope.values.contains_key(name) {
                        unsettled.push(name.clone());
                    }
                    scope.assign(name, value);
                }
                StatementKind::Import(names) => scope.import(names),
                StatementKind::Other { names, .. } => unsettled.extend(names.iter().cloned()),
                // A method of a constant may change it: `COLUMNS.append(…)`.
                StatementKind::Expression(Expr::Call(call)) => {
                    unsettled.extend(
                        call.function.path().and_then(|path| Some(path.split_once('.')?.0.to_owned())),
                    );
                }
                _ => {}
            }
        }
        for name in unsettled {
            scope.forget(&name);
        }
        scope
    }

    /// Gives a name a value, in which the names that are known are replaced.
    pub(in crate::alembic) fn assign(&mut self, name: &str, value: &Expr) {
        let value = self.resolve(value);
        self.values.insert(name.to_owned(), value);
    }

    pub(in crate::alembic) fn import(&mut self, names: &[(String, String)]) {
        for (name, path) in names {
            self.name(name, path);
        }
    }

    /// Gives a name a path, as an import does.
    pub(in crate::alembic) fn name(&mut self, name: &str, path: &str) {
        self.values.insert(name.to_owned(), dotted(path));
    }

    /// The same, unless the name has a meaning.
    pub(in crate::alembic) fn name_if_free(&mut self, name: &str, path: &str) {
        self.values.entry(name.to_owned()).or_insert_with(|| dotted(path));
    }

    /// Takes a name's meaning away.
    pub(in crate::alembic) fn forget(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// The expression with every known name replaced, and sums of texts and lists made.
    pub(in crate::alembic) fn resolve(&self, expression: &Expr) -> Expr {
        match expression {
            Expr::Name(name) => self.values.get(name).cloned().unwrap_or_else(|| expression.clone()),
            Expr::Attribute(object, name) => Expr::Attribute(Box::new(self.resolve(object)), name.clone()),
            Expr::Call(call) => self.call(call),
            Expr::List(items) => Expr::List(items.iter().map(|item| self.resolve(item)).collect()),
            Expr::Dict(pairs) => Expr::Dict(
                pairs.iter().map(|(key, value)| (self.resolve(key), self.resolve(value))).collect(),
            ),
            Expr::Sum(left, right) => match (self.resolve(left), self.resolve(right)) {
                (Expr::Str(left), Expr::Str(right)) => Expr::Str(left + &right),
                (Expr::List(left), Expr::List(right)) => Expr::List([left, right].concat()),
                (left, right) => Expr::Sum(Box::new(left), Box::new(right)),
            },
            plain => plain.clone(),
        }
    }

    fn call(&self, call: &Call) -> Expr {
        let function = self.resolve(&call.function);
        let arguments: Vec<_> = call.arguments.iter().map(|argument| self.resolve(argument)).collect();
        // `op.f` marks a name as final, and has no other meaning.
        if function.path().is_some_and(|path| path == "alembic.op.f" || path == format!("{BATCH}.f"))
            && call.keywords.is_empty()
            && let [name] = arguments.as_slice()
        {
            return name.clone();
        }
        let keywords =
            call.keywords.iter().map(|(name, value)| (name.clone(), self.resolve(value))).collect();
        Expr::Call(Box::new(Call { function, arguments, keywords }))
    }
}

fn dotted(path: &str) -> Expr {
    let mut names = path.split('.').map(str::to_owned);
    let first = Expr::Name(names.next().unwrap_or_default());
    names.fold(first, |object, name| Expr::Attribute(Box::new(object), name))
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    fn resolved(module: &str, expression: &str) -> Expr {
        let scope = Scope::of_module(&read(module).unwrap());
        match &read(expression).unwrap()[0].kind {
            StatementKind::Expression(expression) => scope.resolve(expression),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_become_what_was_imported() {
        for (module, expression, expected) in [
            ("import sqlalchemy as sa", "sa.Column", "sqlalchemy.Column"),
            ("from sqlalchemy import Column", "Column", "sqlalchemy.Column"),
            (
                "from sqlalchemy.dialects import postgresql as pg",
                "pg.JSONB",
                "sqlalchemy.dialects.postgresql.JSONB",
            ),
            ("from alembic import op", "op.add_column", "alembic.op.add_column"),
            ("import alembic.op as o", "o.add_column", "alembic.op.add_column"),
        ] {
            assert_eq!(resolved(module, expression).path().as_deref(), Some(expected), "{module}");
        }
    }

    #[test]
    fn constants_are_put_in_and_texts_are_joined() {
        let text = |text: &str| Expr::Str(text.to_owned());
        assert_eq!(resolved("A = 'x'\nB = A + 'y'", "B + 'z'"), text("xyz"));
        assert_eq!(resolved("from alembic import op\nA = 'ix'", "op.f(A)"), text("ix"));
    }

    #[test]
    fn what_may_change_is_no_constant() {
        for module in [
            "A = 'x'\nA = 'y'",
            "A = 'x'\nif b:\n    A = 'y'",
            "A = 'x'\nA += 'y'",
            "A = 'x'\nfor A in b: pass",
            "A = ['x']\nA.append('y')",
        ] {
            assert_eq!(resolved(module, "A"), Expr::Name("A".to_owned()), "{module}");
        }
    }
}
