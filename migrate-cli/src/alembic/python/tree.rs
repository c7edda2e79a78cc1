//! Statements and expressions as plain values; what has no counterpart is `Other`, with the word for it.

use std::fmt;

/// A statement, or a comment between two.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::alembic) struct Statement {
    pub(in crate::alembic) kind: StatementKind,
    /// Its first line, from 1.
    pub(in crate::alembic) line: usize,
    /// Whether an empty line stands before it.
    pub(in crate::alembic) apart: bool,
    /// Whether it is a comment behind a statement.
    pub(in crate::alembic) behind: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::alembic) enum StatementKind {
    /// A comment, without its `#`.
    Comment(String),
    /// A value that is made and dropped: a call, or a docstring.
    Expression(Expr),
    /// `name = value`, with or without a type.
    Assignment {
        name: String,
        value: Expr,
    },
    /// `import` and `from … import`: the names, and what each stands for.
    Import(Vec<(String, String)>),
    Function(Function),
    /// `with value as name:`
    With {
        value: Expr,
        name: Option<String>,
        body: Vec<Statement>,
    },
    Pass,
    /// `raise value`
    Raise(Expr),
    /// `return`, without a value.
    Return,
    /// `if condition:`; an `elif` is the `if` of an `else:`.
    If {
        condition: Expr,
        then: Vec<Statement>,
        otherwise: Vec<Statement>,
        /// Every name in it.
        names: Vec<String>,
    },
    /// `for target in over:`, without an `else:`.
    For {
        /// A name, or a list of them.
        target: Expr,
        over: Expr,
        body: Vec<Statement>,
        /// Every name in it.
        names: Vec<String>,
    },
    /// Whatever else: its word, and every name in it.
    Other {
        word: String,
        names: Vec<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::alembic) struct Function {
    pub(in crate::alembic) name: String,
    /// Its parameters with their defaults; `None` if one is of another kind than `name` and `name=value`.
    pub(in crate::alembic) parameters: Option<Vec<(String, Option<Expr>)>>,
    pub(in crate::alembic) body: Vec<Statement>,
    /// Its text, from `def` to its end.
    pub(in crate::alembic) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::alembic) enum Expr {
    Str(String),
    Int(i64),
    /// As it is written.
    Float(String),
    Bool(bool),
    None,
    Name(String),
    Attribute(Box<Expr>, String),
    Call(Box<Call>),
    /// A list or a tuple.
    List(Vec<Expr>),
    Dict(Vec<(Expr, Expr)>),
    /// Two texts or lists put together.
    Sum(Box<Expr>, Box<Expr>),
    /// An f-string of texts and plain names.
    Format(Vec<Expr>),
    /// `left == right`, or another comparison of two.
    Compare(Box<Expr>, String, Box<Expr>),
    Not(Box<Expr>),
    /// `a and b`, or `a or b`.
    Both {
        left: Box<Expr>,
        right: Box<Expr>,
        is_or: bool,
    },
    /// `op.f(name)`: a name that no naming convention changes.
    Final(String),
    /// Whatever else, with the word for it, and whether it calls something.
    Other {
        word: String,
        calls: bool,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::alembic) struct Call {
    pub(in crate::alembic) function: Expr,
    pub(in crate::alembic) arguments: Vec<Expr>,
    pub(in crate::alembic) keywords: Vec<(String, Expr)>,
}

impl Expr {
    /// The dotted name, if it is nothing but names: `sa.dialects.postgresql.JSONB`.
    pub(in crate::alembic) fn path(&self) -> Option<String> {
        match self {
            Self::Name(name) => Some(name.clone()),
            Self::Attribute(object, name) => Some(format!("{}.{name}", object.path()?)),
            _ => None,
        }
    }

    /// The texts of a text, or of a list of texts; `None` if something else is in it.
    pub(in crate::alembic) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Str(text) | Self::Final(text) => Some(vec![text.clone()]),
            Self::List(items) => items
                .iter()
                .map(|item| match item {
                    Self::Str(text) | Self::Final(text) => Some(text.clone()),
                    _ => None,
                })
                .collect(),
            _ => None,
        }
    }
}

/// What a person would call it, for an explanation.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(_) | Self::Final(_) => f.write_str("a string"),
            Self::Format(_) => f.write_str("an f-string"),
            Self::Compare(..) => f.write_str("a comparison"),
            Self::Not(_) | Self::Both { .. } => f.write_str("a logical operator"),
            Self::Int(_) | Self::Float(_) => f.write_str("a number"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::None => f.write_str("None"),
            Self::Name(name) => write!(f, "`{name}`"),
            Self::Attribute(object, name) => match self.path() {
                Some(path) => write!(f, "`{}`", path.strip_prefix("alembic.").unwrap_or(&path)),
                None => write!(f, "`.{name}` of {object}"),
            },
            Self::Call(call) if call.function.path().as_deref() == Some("alembic.op.get_bind") => {
                f.write_str("the connection")
            }
            Self::Call(call) => write!(f, "a call of {}", call.function),
            Self::List(_) => f.write_str("a list"),
            Self::Dict(_) => f.write_str("a dictionary"),
            Self::Sum(..) => f.write_str("a sum"),
            Self::Other { word, .. } => f.write_str(word),
        }
    }
}
