use crate::connection::Dialect;
use crate::operation::render::Quote;
use crate::operation::{Dropped, Name, Operation, OperationError, Sql};

pub(super) type Outcome<T> = Result<T, OperationError>;

/// Writes the statements of one operation. The files beside this one add what they are about.
pub(super) struct Writer<'o> {
    operation: &'o Operation,
    pub(super) quote: Quote,
}

impl<'o> Writer<'o> {
    pub(super) fn new(operation: &'o Operation) -> Self {
        Self { operation, quote: Quote(Dialect::Postgres) }
    }

    pub(super) fn name(&self, name: &str) -> Outcome<String> {
        self.quote.name(name)
    }

    pub(super) fn qualified(&self, name: &Name) -> Outcome<String> {
        self.quote.qualified(name)
    }

    /// Names in parentheses.
    pub(super) fn names<S: AsRef<str>>(&self, names: &[S]) -> Outcome<String> {
        self.quote.list(names)
    }

    pub(super) fn text(&self, text: &str) -> Outcome<String> {
        self.quote.text(text)
    }

    /// SQL as it is.
    pub(super) fn sql<'s>(&self, sql: &'s Sql<'static>) -> Outcome<&'s str> {
        Ok(sql.for_dialect(self.quote.0)?)
    }

    /// An expression in parentheses.
    pub(super) fn expression(&self, sql: &Sql<'static>) -> Outcome<String> {
        Ok(parenthesized(self.sql(sql)?))
    }

    /// Storage parameters in parentheses: `("fillfactor" = '70')`.
    pub(super) fn parameters(&self, parameters: &[(String, String)]) -> Outcome<String> {
        let parameters = parameters.iter().map(|(name, value)| {
            let name = match name.split_once('.') {
                Some((namespace, name)) => format!("{}.{}", self.name(namespace)?, self.name(name)?),
                None => self.name(name)?,
            };
            Ok(format!("{name} = {}", self.text(value)?))
        });
        Ok(format!("({})", parameters.collect::<Outcome<Vec<_>>>()?.join(", ")))
    }

    /// `DROP <kind> …`; `name` is quoted already.
    pub(super) fn drop<D>(&self, kind: &str, dropped: &Dropped<D>, name: &str) -> Outcome<String> {
        if dropped.concurrently {
            return Err(self.malformed("only an index is dropped CONCURRENTLY"));
        }
        let if_exists = if dropped.if_exists { "IF EXISTS " } else { "" };
        let cascade = if dropped.cascade { " CASCADE" } else { "" };
        Ok(format!("DROP {kind} {if_exists}{name}{cascade}"))
    }

    /// `ALTER <kind> … RENAME TO …`.
    pub(super) fn rename(&self, kind: &str, from: &Name, to: &str) -> Outcome<String> {
        Ok(format!("ALTER {kind} {} RENAME TO {}", self.qualified(from)?, self.name(to)?))
    }

    pub(super) fn malformed(&self, reason: impl Into<String>) -> OperationError {
        OperationError::Malformed { operation: self.operation.to_string(), reason: reason.into() }
    }

    pub(super) fn unsupported(&self, reason: &'static str) -> OperationError {
        OperationError::Unsupported {
            operation: self.operation.to_string(),
            dialect: Dialect::Postgres,
            reason,
        }
    }
}

/// SQL in parentheses, whatever it ends with.
pub(super) fn parenthesized(sql: &str) -> String {
    // A comment at the end would swallow the parenthesis.
    let end = if sql.contains("--") { "\n" } else { "" };
    format!("({sql}{end})")
}

/// A body in dollar quotes whose tag does not occur in it.
pub(super) fn dollar_quoted(body: &str) -> String {
    let mut tag = "body".to_owned();
    let mut number = 0;
    while body.contains(&format!("${tag}")) {
        number += 1;
        tag = format!("body{number}");
    }
    format!("${tag}${body}${tag}$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_cannot_end_its_own_quotes() {
        assert_eq!(dollar_quoted("SELECT 1"), "$body$SELECT 1$body$");
        assert_eq!(dollar_quoted("SELECT $body$"), "$body1$SELECT $body$$body1$");
        assert_eq!(dollar_quoted("$body $body1"), "$body2$$body $body1$body2$");
    }

    #[test]
    fn a_comment_does_not_swallow_a_parenthesis() {
        assert_eq!(parenthesized("a > 0"), "(a > 0)");
        assert_eq!(parenthesized("a > 0 -- positive"), "(a > 0 -- positive\n)");
    }
}
