//! The parser's tree, as the values of `tree`: modules and statements; expressions are in `expression`.

use tree_sitter::{Node, Parser, Tree};

use super::tree::{Expr, Function, Statement, StatementKind};

/// A file that is not Python.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not Python")]
pub(in crate::alembic) struct SyntaxError {
    /// The line, from 1.
    pub(in crate::alembic) line: usize,
}

/// Parses a module.
pub(in crate::alembic) fn read(text: &str) -> Result<Vec<Statement>, SyntaxError> {
    let tree = parse(text).ok_or(SyntaxError { line: 1 })?;
    if let Some(line) = first_error(tree.root_node()) {
        return Err(SyntaxError { line });
    }
    Ok(Reader { text }.statements(tree.root_node()))
}

fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    parser.parse(text, None)
}

fn first_error(node: Node<'_>) -> Option<usize> {
    if !node.has_error() {
        return None;
    }
    let below = node.children(&mut node.walk()).find_map(first_error);
    below.or_else(|| Some(line(node)))
}

fn line(node: Node<'_>) -> usize {
    node.start_position().row + 1
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
}

impl Reader<'_> {
    pub(super) fn of(&self, node: Node<'_>) -> &str {
        &self.text[node.byte_range()]
    }

    /// The statements of a module or a block.
    fn statements(&self, block: Node<'_>) -> Vec<Statement> {
        block.named_children(&mut block.walk()).map(|node| self.numbered(node)).collect()
    }

    fn numbered(&self, node: Node<'_>) -> Statement {
        let before = self.text[..node.start_byte()].trim_end_matches([' ', '\t']);
        let apart = before.ends_with("\n\n") || before.ends_with("\n\r\n");
        let behind = node.kind() == "comment" && !before.is_empty() && !before.ends_with('\n');
        Statement { kind: self.statement(node), line: line(node), apart, behind }
    }

    /// The statements of a block that `node` is the head of.
    ///
    /// Comments before the first one stand beside the block in the tree, not in it.
    fn body(&self, node: Node<'_>, block: Node<'_>) -> Vec<Statement> {
        let mut statements = Vec::new();
        for child in node.named_children(&mut node.walk()) {
            if child.kind() == "comment" {
                statements.push(self.numbered(child));
            }
        }
        statements.extend(self.statements(block));
        statements
    }

    fn statement(&self, node: Node<'_>) -> StatementKind {
        match node.kind() {
            "comment" => StatementKind::Comment(self.of(node).trim_start_matches('#').trim().to_owned()),
            "expression_statement" => self.expression_statement(node),
            "import_statement" | "import_from_statement" => self.import(node),
            "function_definition" => self.function(node),
            "with_statement" => self.with(node),
            "pass_statement" => StatementKind::Pass,
            "raise_statement" if node.named_child_count() == 1 => {
                StatementKind::Raise(node.named_child(0).map_or(Expr::None, |raised| self.expression(raised)))
            }
            "return_statement" if node.named_child_count() == 0 => StatementKind::Return,
            "if_statement" => self.condition(node),
            "for_statement" => self.repetition(node),
            _ => self.other(node),
        }
    }

    /// `if …:`, whose `elif` becomes an `else:` with an `if` in it.
    fn condition(&self, node: Node<'_>) -> StatementKind {
        let Some(then) = node.child_by_field_name("consequence") else { return self.other(node) };
        let mut otherwise = Vec::new();
        let alternatives: Vec<_> = node.children_by_field_name("alternative", &mut node.walk()).collect();
        for alternative in alternatives.into_iter().rev() {
            let block = alternative.child_by_field_name("consequence");
            let Some(block) = block.or_else(|| alternative.child_by_field_name("body")) else {
                return self.other(node);
            };
            let inner = self.body(alternative, block);
            otherwise = if alternative.kind() == "elif_clause" {
                let kind = StatementKind::If {
                    condition: self.field(alternative, "condition"),
                    then: inner,
                    otherwise,
                    names: Vec::new(),
                };
                vec![Statement { kind, line: line(alternative), apart: false, behind: false }]
            } else {
                inner
            };
        }
        let mut names = Vec::new();
        self.names(node, &mut names);
        let then = self.body(node, then);
        StatementKind::If { condition: self.field(node, "condition"), then, otherwise, names }
    }

    fn repetition(&self, node: Node<'_>) -> StatementKind {
        let is_async = node.child(0).is_some_and(|first| first.kind() == "async");
        let Some(body) = node.child_by_field_name("body") else { return self.other(node) };
        if is_async || node.child_by_field_name("alternative").is_some() {
            return self.other(node);
        }
        let mut names = Vec::new();
        self.names(node, &mut names);
        StatementKind::For {
            target: self.field(node, "left"),
            over: self.field(node, "right"),
            body: self.body(node, body),
            names,
        }
    }

    fn other(&self, node: Node<'_>) -> StatementKind {
        let word = match node.kind() {
            "if_statement" => "an `if`",
            "for_statement" => "a `for` loop",
            "while_statement" => "a `while` loop",
            "try_statement" => "a `try`",
            "return_statement" => "a `return`",
            "class_definition" => "a class",
            "decorated_definition" => "a decorator",
            "expression_statement" => "an assignment",
            "with_statement" => "a `with`",
            "assert_statement" => "an `assert`",
            "raise_statement" => "a `raise`",
            "delete_statement" => "a `del`",
            kind => kind,
        };
        let mut names = Vec::new();
        self.names(node, &mut names);
        StatementKind::Other { word: word.to_owned(), names }
    }

    fn names(&self, node: Node<'_>, names: &mut Vec<String>) {
        if node.kind() == "identifier" {
            names.push(self.of(node).to_owned());
        }
        for child in node.named_children(&mut node.walk()) {
            self.names(child, names);
        }
    }

    fn expression_statement(&self, node: Node<'_>) -> StatementKind {
        let Some(inner) = node.named_child(0).filter(|_| node.named_child_count() == 1) else {
            return self.other(node);
        };
        match inner.kind() {
            "assignment" => {
                let target = inner.child_by_field_name("left").filter(|left| left.kind() == "identifier");
                let value = inner.child_by_field_name("right").filter(|right| right.kind() != "assignment");
                match (target, value) {
                    (Some(target), Some(value)) => StatementKind::Assignment {
                        name: self.of(target).to_owned(),
                        value: self.expression(value),
                    },
                    _ => self.other(node),
                }
            }
            "augmented_assignment" => self.other(node),
            _ => StatementKind::Expression(self.expression(inner)),
        }
    }

    fn import(&self, node: Node<'_>) -> StatementKind {
        let module = node.child_by_field_name("module_name");
        let mut imported = Vec::new();
        for name in node.children_by_field_name("name", &mut node.walk()) {
            let (path, alias) = if name.kind() == "aliased_import" {
                let part =
                    |field| name.child_by_field_name(field).map(|part| self.of(part)).unwrap_or_default();
                (part("name"), Some(part("alias")))
            } else {
                (self.of(name), None)
            };
            imported.push(match (module, alias) {
                (Some(module), alias) => {
                    (alias.unwrap_or(path).to_owned(), format!("{}.{path}", self.of(module)))
                }
                (None, Some(alias)) => (alias.to_owned(), path.to_owned()),
                // `import a.b` gives the name `a`.
                (None, None) => {
                    let first = path.split('.').next().unwrap_or(path).to_owned();
                    (first.clone(), first)
                }
            });
        }
        StatementKind::Import(imported)
    }

    fn function(&self, node: Node<'_>) -> StatementKind {
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body"))
        else {
            return self.other(node);
        };
        let parameters = node.child_by_field_name("parameters").and_then(|list| self.parameters(list));
        let body = self.body(node, body);
        StatementKind::Function(Function {
            name: self.of(name).to_owned(),
            parameters,
            body,
            text: self.of(node).trim_end().to_owned(),
        })
    }

    fn parameters(&self, list: Node<'_>) -> Option<Vec<(String, Option<Expr>)>> {
        let parameter = |node: Node<'_>| match node.kind() {
            "identifier" => Some((self.of(node).to_owned(), None)),
            "typed_parameter" => {
                let name = node.named_child(0).filter(|name| name.kind() == "identifier")?;
                Some((self.of(name).to_owned(), None))
            }
            "default_parameter" | "typed_default_parameter" => {
                let name = node.child_by_field_name("name")?;
                Some((self.of(name).to_owned(), Some(self.field(node, "value"))))
            }
            _ => None,
        };
        let listed: Vec<_> =
            list.named_children(&mut list.walk()).filter(|node| node.kind() != "comment").collect();
        listed.into_iter().map(parameter).collect()
    }

    fn with(&self, node: Node<'_>) -> StatementKind {
        let clause = node.named_child(0).filter(|clause| clause.kind() == "with_clause");
        let item =
            clause.filter(|clause| clause.named_child_count() == 1).and_then(|clause| clause.named_child(0));
        let value = item.and_then(|item| item.child_by_field_name("value"));
        let (Some(value), Some(body)) = (value, node.child_by_field_name("body")) else {
            return self.other(node);
        };
        let is_async = node.child(0).is_some_and(|first| first.kind() == "async");
        if is_async {
            return self.other(node);
        }
        let body = self.body(node, body);
        if value.kind() != "as_pattern" {
            return StatementKind::With { value: self.expression(value), name: None, body };
        }
        let alias = value.child_by_field_name("alias").and_then(|target| target.named_child(0));
        match (value.named_child(0), alias.filter(|alias| alias.kind() == "identifier")) {
            (Some(value), Some(alias)) => StatementKind::With {
                value: self.expression(value),
                name: Some(self.of(alias).to_owned()),
                body,
            },
            _ => self.other(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> StatementKind {
        let [statement] = read(text).unwrap().try_into().unwrap();
        statement.kind
    }

    #[test]
    fn imports_give_names_to_paths() {
        let names = |pairs: &[(&str, &str)]| {
            StatementKind::Import(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
        };
        assert_eq!(only("import sqlalchemy as sa"), names(&[("sa", "sqlalchemy")]));
        assert_eq!(only("import sqlalchemy.dialects"), names(&[("sqlalchemy", "sqlalchemy")]));
        assert_eq!(
            only("from sqlalchemy import (Column, text as t)"),
            names(&[("Column", "sqlalchemy.Column"), ("t", "sqlalchemy.text")])
        );
    }

    #[test]
    fn a_function_has_its_comments_and_its_text() {
        let text = "def upgrade() -> None:\n    # first\n    pass  # here\n    # last\n";
        let StatementKind::Function(function) = only(text) else { panic!() };
        let comments = function.body.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Comment(text) => Some((statement.line, text.as_str())),
            _ => None,
        });
        assert_eq!(comments.collect::<Vec<_>>(), [(2, "first"), (3, "here"), (4, "last")]);
        assert!(function.text.starts_with("def upgrade() -> None:"));
    }

    #[test]
    fn a_type_and_several_targets_are_told_apart() {
        let assigned = only("down_revision: Union[str, None] = ('a', 'b')");
        assert!(
            matches!(assigned, StatementKind::Assignment { ref name, .. } if name == "down_revision"),
            "{assigned:?}"
        );
        for text in ["a, b = 1, 2", "a = b = 1", "a += 1", "a[0] = 1"] {
            assert!(matches!(only(text), StatementKind::Other { .. }), "{text}");
        }
    }

    #[test]
    fn what_is_not_python_is_an_error_with_its_line() {
        assert_eq!(read("x = 1\ny = = 2\n"), Err(SyntaxError { line: 2 }));
        assert_eq!(read("x = (1,\n"), Err(SyntaxError { line: 1 }));
    }
}
