//! Python's expressions, as far as a script's values go.

use tree_sitter::Node;

use super::literal::{integer, unescape};
use super::read::Reader;
use super::tree::{Call, Expr};

/// Functions of Python that only look at their arguments.
const LOOKS: [&str; 8] = ["len", "str", "repr", "int", "sorted", "list", "range", "sum"];

impl Reader<'_> {
    pub(super) fn field(&self, node: Node<'_>, name: &str) -> Expr {
        node.child_by_field_name(name).map_or_else(|| self.unknown(node), |child| self.expression(child))
    }

    pub(super) fn expression(&self, node: Node<'_>) -> Expr {
        match node.kind() {
            "string" => self.string(node),
            "concatenated_string" => self.concatenated(node),
            "integer" => integer(self.of(node)).map_or_else(|| self.unknown(node), Expr::Int),
            "float" => Expr::Float(self.of(node).replace('_', "")),
            "true" => Expr::Bool(true),
            "false" => Expr::Bool(false),
            "none" => Expr::None,
            "identifier" => Expr::Name(self.of(node).to_owned()),
            "attribute" => match node.child_by_field_name("attribute") {
                Some(name) => Expr::Attribute(Box::new(self.field(node, "object")), self.of(name).to_owned()),
                None => self.unknown(node),
            },
            "call" => self.call(node),
            "list" | "tuple" | "expression_list" | "pattern_list" | "tuple_pattern" => {
                Expr::List(self.items(node))
            }
            "dictionary" => self.dictionary(node),
            "parenthesized_expression" => {
                let inner = node.named_children(&mut node.walk()).find(|child| child.kind() != "comment");
                inner.map_or_else(|| self.unknown(node), |inner| self.expression(inner))
            }
            "unary_operator" => self.negative(node),
            "binary_operator"
                if node.child_by_field_name("operator").is_some_and(|sign| sign.kind() == "+") =>
            {
                Expr::Sum(Box::new(self.field(node, "left")), Box::new(self.field(node, "right")))
            }
            "comparison_operator" => self.comparison(node),
            "not_operator" => Expr::Not(Box::new(self.field(node, "argument"))),
            "boolean_operator" => Expr::Both {
                left: Box::new(self.field(node, "left")),
                right: Box::new(self.field(node, "right")),
                is_or: node.child_by_field_name("operator").is_some_and(|sign| sign.kind() == "or"),
            },
            _ => self.unknown(node),
        }
    }

    /// A comparison of two; `a < b < c` is none.
    fn comparison(&self, node: Node<'_>) -> Expr {
        let sides: Vec<_> = node.named_children(&mut node.walk()).collect();
        let [left, right] = sides.as_slice() else { return self.unknown(node) };
        let sign = self.text[left.end_byte()..right.start_byte()].split_whitespace().collect::<Vec<_>>();
        Expr::Compare(Box::new(self.expression(*left)), sign.join(" "), Box::new(self.expression(*right)))
    }

    fn items(&self, node: Node<'_>) -> Vec<Expr> {
        let children: Vec<_> = node.named_children(&mut node.walk()).collect();
        children
            .into_iter()
            .filter(|child| child.kind() != "comment")
            .map(|child| self.expression(child))
            .collect()
    }

    fn dictionary(&self, node: Node<'_>) -> Expr {
        let mut pairs = Vec::new();
        for child in node.named_children(&mut node.walk()) {
            match child.kind() {
                "comment" => {}
                "pair" => pairs.push((self.field(child, "key"), self.field(child, "value"))),
                _ => return self.unknown(child),
            }
        }
        Expr::Dict(pairs)
    }

    fn negative(&self, node: Node<'_>) -> Expr {
        let is_minus = node.child_by_field_name("operator").is_some_and(|sign| sign.kind() == "-");
        match self.field(node, "argument") {
            Expr::Int(number) if is_minus => {
                number.checked_neg().map_or_else(|| self.unknown(node), Expr::Int)
            }
            Expr::Float(number) if is_minus => Expr::Float(format!("-{number}")),
            _ => self.unknown(node),
        }
    }

    fn call(&self, node: Node<'_>) -> Expr {
        let Some(list) = node.child_by_field_name("arguments").filter(|list| list.kind() == "argument_list")
        else {
            return Expr::Other { word: "a generator".to_owned(), calls: true };
        };
        let mut call =
            Call { function: self.field(node, "function"), arguments: Vec::new(), keywords: Vec::new() };
        for child in list.named_children(&mut list.walk()) {
            match child.kind() {
                "comment" => {}
                "keyword_argument" => {
                    let name =
                        child.child_by_field_name("name").map(|name| self.of(name)).unwrap_or_default();
                    call.keywords.push((name.to_owned(), self.field(child, "value")));
                }
                _ => call.arguments.push(self.expression(child)),
            }
        }
        Expr::Call(Box::new(call))
    }

    /// Strings beside each other are one.
    fn concatenated(&self, node: Node<'_>) -> Expr {
        let mut parts = Vec::new();
        for part in self.items(node) {
            match part {
                Expr::Str(_) => parts.push(part),
                Expr::Format(inner) => parts.extend(inner),
                other => return other,
            }
        }
        let texts: Option<Vec<_>> = parts.iter().map(Expr::texts).collect();
        texts.map_or(Expr::Format(parts), |texts| Expr::Str(texts.concat().concat()))
    }

    fn string(&self, node: Node<'_>) -> Expr {
        let (Some(start), Some(end)) = (node.child(0), node.children(&mut node.walk()).last()) else {
            return self.unknown(node);
        };
        let opening = self.of(start).to_ascii_lowercase();
        let content = &self.text[start.end_byte()..end.start_byte().max(start.end_byte())];
        let prefix = opening.trim_end_matches(['"', '\'']);
        if prefix.contains('b') {
            return self.opaque(node, "a byte string");
        }
        if prefix.contains('t') {
            return self.opaque(node, "a t-string");
        }
        let interpolates = node.named_children(&mut node.walk()).any(|child| child.kind() == "interpolation");
        if prefix.contains('f') && (interpolates || content.contains(['{', '}'])) {
            let parts = self.interpolated(node, prefix.contains('r'));
            return parts.map_or_else(|| self.opaque(node, "an f-string"), Expr::Format);
        }
        let content = content.replace("\r\n", "\n");
        match unescape(&content, prefix.contains('r')) {
            Some(text) => Expr::Str(text),
            None => self.opaque(node, "a string with an escape that is not text"),
        }
    }

    /// The parts of an f-string whose values are plain names; `None` if there is more to it, a format or a call.
    fn interpolated(&self, node: Node<'_>, raw: bool) -> Option<Vec<Expr>> {
        let text = |from: usize, to: usize| {
            let content = self.text[from..to].replace("\r\n", "\n");
            // `{{` stands for one brace.
            let content = unescape(&content, raw)?.replace("{{", "{").replace("}}", "}");
            Some(Expr::Str(content))
        };
        let (start, end) = (node.child(0)?, node.children(&mut node.walk()).last()?);
        let mut parts = Vec::new();
        let mut at = start.end_byte();
        for part in node.named_children(&mut node.walk()).filter(|part| part.kind() == "interpolation") {
            let value = part.named_child(0).filter(|_| part.named_child_count() == 1)?;
            let is_plain = matches!(value.kind(), "identifier" | "attribute" | "string" | "integer");
            // `{name=}` says the name as well.
            let is_whole = self.of(part).len() == self.of(value).len() + 2;
            if !is_plain || !is_whole {
                return None;
            }
            parts.push(text(at, part.start_byte())?);
            parts.push(self.expression(value));
            at = part.end_byte();
        }
        parts.push(text(at, end.start_byte())?);
        Some(parts)
    }

    fn unknown(&self, node: Node<'_>) -> Expr {
        let word = match node.kind() {
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" => "a comprehension",
            "list_splat" | "dictionary_splat" => "unpacked arguments",
            "conditional_expression" => "a condition",
            "subscript" => "a subscript",
            "binary_operator" => "an operator",
            "comparison_operator" => "a comparison",
            "not_operator" | "boolean_operator" => "a logical operator",
            "lambda" => "a lambda",
            "set" => "a set",
            kind => return self.opaque(node, &format!("`{kind}`")),
        };
        self.opaque(node, word)
    }

    fn opaque(&self, node: Node<'_>, word: &str) -> Expr {
        Expr::Other { word: word.to_owned(), calls: self.calls(node) }
    }

    /// Whether it calls what may do more than look at a value.
    fn calls(&self, node: Node<'_>) -> bool {
        let looks = |function: Node<'_>| LOOKS.contains(&self.of(function));
        let acts = match node.kind() {
            "call" => !node.child_by_field_name("function").is_some_and(looks),
            "await" | "yield" => true,
            _ => false,
        };
        acts || node.named_children(&mut node.walk()).any(|child| self.calls(child))
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::super::tree::StatementKind;
    use super::*;

    fn value(text: &str) -> Expr {
        let [statement] = read(text).unwrap().try_into().unwrap();
        match statement.kind {
            StatementKind::Expression(value) => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn strings_are_read_in_all_their_quotes() {
        for text in [
            r#""it's""#,
            r"'it\'s'",
            r#""""it's""""#,
            r#"("it" "'s")"#,
            r#"r"it's""#,
            r#"u"it's""#,
            r#"f"it's""#,
            "'it' \\\n  \"'s\"",
        ] {
            assert_eq!(value(text), Expr::Str("it's".to_owned()), "{text}");
        }
        assert_eq!(value("''"), Expr::Str(String::new()));
        assert_eq!(value("\"\"\"a\n  b\"\"\""), Expr::Str("a\n  b".to_owned()));
    }

    #[test]
    fn what_is_only_known_at_run_time_is_named() {
        for (text, expected) in [
            ("f'{x}'", "an f-string"),
            ("b'x'", "a byte string"),
            ("[x for x in y]", "a comprehension"),
            ("a if b else c", "a condition"),
            ("a[0]", "a subscript"),
            ("'%s' % x", "an operator"),
        ] {
            assert_eq!(value(text).to_string(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_and_the_rest_are_values() {
        assert_eq!(
            value("(1, -2, 0.5, True, False, None)"),
            Expr::List(vec![
                Expr::Int(1),
                Expr::Int(-2),
                Expr::Float("0.5".to_owned()),
                Expr::Bool(true),
                Expr::Bool(false),
                Expr::None,
            ])
        );
        assert_eq!(value("{'a': 1}"), Expr::Dict(vec![(Expr::Str("a".to_owned()), Expr::Int(1))]));
    }
}
