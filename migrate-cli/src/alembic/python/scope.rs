//! What the names of a script stand for: imports and constants.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::tree::{Call, Expr, Statement, StatementKind};

/// The path of what `with op.batch_alter_table(…) as name:` gives a name to.
pub(in crate::alembic) const BATCH: &str = "alembic.batch";

/// What a person said that imported names stand for, by their whole paths.
pub(in crate::alembic) type Known = Rc<BTreeMap<String, Expr>>;

/// Names and what they stand for.
#[derive(Debug, Clone, Default)]
pub(in crate::alembic) struct Scope {
    values: BTreeMap<String, Expr>,
    known: Known,
}

impl Scope {
    /// The imports and constants of a module: the values that its names have when all of it has run.
    ///
    /// A name that a condition, a loop or a method may change has none. `known` says what imported names stand for.
    pub(in crate::alembic) fn of_module(statements: &[Statement], known: &Known) -> Self {
        let mut unsettled = BTreeSet::new();
        for statement in statements {
            match &statement.kind {
                StatementKind::Other { names, .. }
                | StatementKind::If { names, .. }
                | StatementKind::For { names, .. } => unsettled.extend(names.iter().cloned()),
                // A method of a constant may change it: `COLUMNS.append(…)`.
                StatementKind::Expression(Expr::Call(call)) => unsettled
                    .extend(call.function.path().and_then(|path| Some(path.split_once('.')?.0.to_owned()))),
                _ => {}
            }
        }
        let mut scope = Self { values: BTreeMap::new(), known: known.clone() };
        for statement in statements {
            match &statement.kind {
                StatementKind::Assignment { name, value } if !unsettled.contains(name) => {
                    scope.assign(name, value);
                }
                StatementKind::Import(names) => scope.import(names),
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

    /// Gives a name a value as it is.
    pub(in crate::alembic) fn bind(&mut self, name: &str, value: Expr) {
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

    /// Takes the meaning of each name away that has another one in a part that may not run.
    pub(in crate::alembic) fn forget_what_differs(&mut self, part: &Self) {
        let differs = |name: &&String| self.values.get(*name) != part.values.get(*name);
        let names: Vec<_> = part.values.keys().chain(self.values.keys()).filter(differs).cloned().collect();
        for name in names {
            self.forget(&name);
        }
    }

    /// The expression with every known name replaced, and sums of texts and lists made.
    pub(in crate::alembic) fn resolve(&self, expression: &Expr) -> Expr {
        match expression {
            Expr::Name(name) => {
                self.stands_for(self.values.get(name).cloned().unwrap_or_else(|| expression.clone()))
            }
            Expr::Attribute(object, name) => {
                self.stands_for(Expr::Attribute(Box::new(self.resolve(object)), name.clone()))
            }
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
            Expr::Format(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| self.resolve(part)).collect();
                let shown = |part: &Expr| match part {
                    Expr::Str(text) | Expr::Final(text) => Some(text.clone()),
                    Expr::Int(number) => Some(number.to_string()),
                    _ => None,
                };
                let whole: Option<String> = parts.iter().map(shown).collect();
                whole.map_or(Expr::Format(parts), Expr::Str)
            }
            Expr::Compare(left, sign, right) => {
                Expr::Compare(Box::new(self.resolve(left)), sign.clone(), Box::new(self.resolve(right)))
            }
            Expr::Not(inner) => Expr::Not(Box::new(self.resolve(inner))),
            Expr::Both { left, right, is_or } => Expr::Both {
                left: Box::new(self.resolve(left)),
                right: Box::new(self.resolve(right)),
                is_or: *is_or,
            },
            plain => plain.clone(),
        }
    }

    /// What a person said that a path stands for.
    fn stands_for(&self, expression: Expr) -> Expr {
        if self.known.is_empty() {
            return expression;
        }
        let known = expression.path().and_then(|path| self.known.get(&path));
        known.cloned().unwrap_or(expression)
    }

    fn call(&self, call: &Call) -> Expr {
        let function = self.resolve(&call.function);
        let arguments: Vec<_> = call.arguments.iter().map(|argument| self.resolve(argument)).collect();
        // `op.f` marks a name as final, and has no other meaning.
        if function.path().is_some_and(|path| path == "alembic.op.f" || path == format!("{BATCH}.f"))
            && call.keywords.is_empty()
            && let [name] = arguments.as_slice()
        {
            return match name {
                Expr::Str(name) => Expr::Final(name.clone()),
                other => other.clone(),
            };
        }
        // `--let` has given a value for what is called as a class: `Timestamp()`.
        if matches!(function, Expr::Call(_)) && self.known.values().any(|known| *known == function) {
            return function;
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
        let scope = Scope::of_module(&read(module).unwrap(), &Known::default());
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
        assert_eq!(resolved("from alembic import op\nA = 'ix'", "op.f(A)"), Expr::Final("ix".to_owned()));
        assert_eq!(resolved("A = 'x'\nN = 3", "f'a_{A}_{N}{{}}' 'b'"), text("a_x_3{}b"));
        // What a name has at the end of the module is what a function sees.
        assert_eq!(resolved("A = 'x'\nB = A\nA = 'y'", "A + B"), text("yx"));
    }

    #[test]
    fn what_may_change_is_no_constant() {
        for module in [
            "A = 'x'\nif b:\n    A = 'y'",
            "A = 'x'\nA += 'y'",
            "A = 'x'\nfor A in b: pass",
            "A = ['x']\nA.append('y')",
        ] {
            assert_eq!(resolved(module, "A"), Expr::Name("A".to_owned()), "{module}");
        }
        assert_eq!(resolved("B = ['x']\nB.append('y')\nA = B", "A"), Expr::Name("B".to_owned()));
    }

    #[test]
    fn a_name_of_another_package_stands_for_what_a_person_says() {
        let time = Expr::Call(Box::new(Call {
            function: dotted("sqlalchemy.DateTime"),
            arguments: Vec::new(),
            keywords: Vec::new(),
        }));
        let known = BTreeMap::from([
            ("app.types.Time".to_owned(), time.clone()),
            ("app.BRANCH".to_owned(), Expr::Str("main".to_owned())),
        ]);
        let module = read("from app import types, BRANCH as B\nimport app").unwrap();
        let scope = Scope::of_module(&module, &Known::new(known));
        for (expression, expected) in
            [("types.Time", &time), ("types.Time(3)", &time), ("B", &Expr::Str("main".to_owned()))]
        {
            let StatementKind::Expression(value) = &read(expression).unwrap()[0].kind else { panic!() };
            assert_eq!(scope.resolve(value), *expected, "{expression}");
        }
    }
}
