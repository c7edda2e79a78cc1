use super::writer::{Outcome, Writer, dollar_quoted};
use crate::operation::{Dropped, Function};

impl Writer<'_> {
    pub(super) fn create_function(&self, function: &Function) -> Outcome<String> {
        if function.body.contains('\0') {
            return Err(self.malformed("its body has a zero byte in it"));
        }
        let or_replace = if function.or_replace { "OR REPLACE " } else { "" };
        let kind = if function.returns.is_some() { "FUNCTION" } else { "PROCEDURE" };
        let returns =
            function.returns.as_ref().map(|returns| format!("\nRETURNS {returns}")).unwrap_or_default();
        let options =
            if function.options.is_empty() { String::new() } else { format!("\n{}", function.options) };
        Ok(format!(
            "CREATE {or_replace}{kind} {}({}){returns}\nLANGUAGE {}{options}\nAS {}",
            self.qualified(&function.name)?,
            function.arguments,
            self.name(&function.language)?,
            dollar_quoted(&function.body),
        ))
    }

    pub(super) fn drop_function(&self, function: &Dropped<Function>, procedure: bool) -> Outcome<String> {
        let kind = if procedure { "PROCEDURE" } else { "FUNCTION" };
        let name = self.qualified(&function.name)?;
        let name = match &function.definition {
            Some(definition) => format!("{name}({})", without_defaults(&definition.arguments)),
            None => name,
        };
        self.drop(kind, function, &name)
    }
}

/// The arguments of a function as they name it: without their defaults, which `DROP FUNCTION` does not take.
fn without_defaults(arguments: &str) -> String {
    split_arguments(arguments).iter().map(|argument| without_default(argument)).collect::<Vec<_>>().join(", ")
}

/// The arguments, split at the commas that are in no parentheses and no quotes.
fn split_arguments(arguments: &str) -> Vec<&str> {
    let mut split = Vec::new();
    let mut start = 0;
    for (position, character) in outside(arguments) {
        if character == ',' {
            split.push(arguments[start..position].trim());
            start = position + 1;
        }
    }
    split.push(arguments[start..].trim());
    split
}

fn without_default(argument: &str) -> &str {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '"';
    let default = outside(argument).find(|&(position, character)| {
        let rest = &argument[position..];
        let keyword = rest.get(.."default".len()).is_some_and(|word| word.eq_ignore_ascii_case("default"))
            && !rest["default".len()..].starts_with(is_word)
            && argument[..position].ends_with(char::is_whitespace);
        character == '=' || keyword
    });
    let end = default.map_or(argument.len(), |(position, _)| position);
    argument[..end].trim_end().trim_end_matches(':').trim_end()
}

/// The characters of SQL that are in no parentheses, brackets and quotes.
fn outside(sql: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut depth, mut quote) = (0_usize, None);
    sql.char_indices().filter(move |&(_, character)| match (quote, character) {
        (Some(open), close) => {
            if open == close {
                quote = None;
            }
            false
        }
        (None, '\'' | '"') => {
            quote = Some(character);
            false
        }
        (None, '(' | '[') => {
            depth += 1;
            false
        }
        (None, ')' | ']') => {
            depth = depth.saturating_sub(1);
            false
        }
        (None, _) => depth == 0,
    })
}

#[cfg(test)]
mod tests {
    use super::without_defaults;

    #[test]
    fn arguments_are_named_without_their_defaults() {
        for (arguments, named) in [
            ("", ""),
            ("a integer, b integer DEFAULT 0", "a integer, b integer"),
            (
                "a numeric(10, 2) = 1.5, VARIADIC rest text[] default '{a,b}'",
                "a numeric(10, 2), VARIADIC rest text[]",
            ),
            ("a text DEFAULT 'x, y DEFAULT z', OUT b integer", "a text, OUT b integer"),
            ("\"the default\" integer := 3", "\"the default\" integer"),
            ("defaults integer", "defaults integer"),
            ("a integer DEFAULT f(1, 2)", "a integer"),
        ] {
            assert_eq!(without_defaults(arguments), named, "{arguments}");
        }
    }
}
