//! What a command fails with, and the advice that goes with it.
//!
//! The only place where advice is written. The library's errors carry facts; here each becomes a message, its
//! causes and hints that can be typed.

mod adopt;
#[cfg(feature = "adopt-alembic")]
mod alembic;
mod backfill;
mod body;
mod connection;
mod existing;
pub(crate) mod pages;
mod project;
mod rebuild;
mod rehearsal;
mod run;
mod source;
mod target;

use std::error::Error as StdError;
use std::fmt::Display;

use migrate_core::connection::Remarks;
use serde::Serialize;

pub(crate) use self::adopt::files;
#[cfg(feature = "adopt-alembic")]
pub(crate) use self::alembic::converting;
pub(crate) use self::connection::{briefly, connecting, settings, waiting};
pub(crate) use self::existing::{differs, scratch, scratch_of_another_kind, ways_on};
pub(crate) use self::project::project;
pub(crate) use self::run::{migrator, running, when};
pub(crate) use self::source::{drafting, tree, writing};
pub(crate) use self::target::target;
use crate::exit_code;
use crate::ui::Printer;

/// What stands for the program's name in a hint until it is printed.
const PROGRAM: &str = "{program}";

/// The class of a failure: what its exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A check found something.
    Check,
    /// The arguments do not go together.
    Usage,
    /// A target cannot be found or reached.
    Target,
    /// The migrations do not fit together.
    Graph,
    /// A source file could not be read or written.
    Source,
    /// Not confirmed, or irreversible.
    Refused,
    /// A safety rule that is denied found something.
    Unsafe,
    /// No connection.
    Connection,
    /// The ledger is not one that this binary can work with.
    Ledger,
    /// Another run holds the lock.
    Lock,
    /// A migration failed.
    Stopped,
    /// The database refused a statement of the program.
    Database,
    /// The output could not be written.
    Output,
    /// The run was asked to stop, and did.
    Halted,
}

impl ErrorKind {
    /// The exit code of this class.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Check => exit_code::CHECK_FAILED,
            Self::Usage => exit_code::USAGE,
            Self::Target => exit_code::TARGET,
            Self::Graph => exit_code::GRAPH,
            Self::Source => exit_code::SOURCE,
            Self::Refused => exit_code::REFUSED,
            Self::Unsafe => exit_code::UNSAFE,
            Self::Connection => exit_code::CONNECTION,
            Self::Ledger => exit_code::LEDGER,
            Self::Lock => exit_code::LOCK,
            Self::Stopped => exit_code::STOPPED,
            Self::Database => exit_code::DATABASE,
            Self::Output => exit_code::OUTPUT,
            Self::Halted => exit_code::HALTED,
        }
    }
}

/// A failure as it is told: what, why, and what now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// Its class.
    pub kind: ErrorKind,
    /// A word for programs that tell failures of one class apart.
    pub code: &'static str,
    /// What happened: lower case, one line.
    pub message: String,
    /// Why, from the outside in.
    pub causes: Vec<String>,
    /// What can be done.
    pub hints: Vec<String>,
    /// The revisions whose steps were committed before.
    pub steps_done: Vec<String>,
}

impl CommandError {
    pub(crate) fn new(kind: ErrorKind, code: &'static str, message: impl Display) -> Self {
        Self {
            kind,
            code,
            message: message.to_string(),
            causes: Vec::new(),
            hints: Vec::new(),
            steps_done: Vec::new(),
        }
    }

    pub(crate) fn cause(mut self, cause: impl Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Adds the chain of an error's sources, with what the server says besides.
    pub(crate) fn sources(mut self, error: &dyn StdError) -> Self {
        let mut next = error.source();
        while let Some(source) = next {
            let text = source.to_string();
            // A transparent wrapper says what it wraps.
            if self.causes.last() != Some(&text) && self.message != text {
                self.causes.push(text);
            }
            let Remarks { detail, hint } = Remarks::of(source);
            self.causes.extend(detail.map(|detail| detail.trim_end_matches('.').to_owned()));
            self.hints.extend(hint.map(|hint| format!("the server says: {}", hint.trim_end_matches('.'))));
            next = source.source();
        }
        self
    }

    pub(crate) fn hint(mut self, hint: impl Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Tells arguments that clap refused: in clap's own words on stderr.
    pub(crate) fn report_usage(shown: &str, plain: &str, printer: &Printer) {
        printer.say(shown.trim_end());
        let paragraph: Vec<_> = plain.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
        let first = paragraph.join(" ");
        let message = first.strip_prefix("error: ").unwrap_or(&first);
        Self::new(ErrorKind::Usage, "usage", message).document(printer, &[]);
    }

    /// Takes a password out of everything that is said (I9).
    pub(crate) fn redacted(mut self, redact: impl Fn(&str) -> String) -> Self {
        self.message = redact(&self.message);
        for text in self.causes.iter_mut().chain(&mut self.hints) {
            *text = redact(text);
        }
        self
    }

    /// Tells the failure on stderr, and as a document on stdout where JSON was asked for.
    pub fn report(&self, printer: &Printer, program: &str) {
        let palette = printer.talk_palette();
        let hints: Vec<_> = self.hints.iter().map(|hint| hint.replace(PROGRAM, program)).collect();
        printer.say(format_args!("{} {}", palette.bad("error:"), self.message));
        for cause in &self.causes {
            printer.say(format_args!("{} {cause}", palette.strong("caused by:")));
        }
        for hint in &hints {
            printer.say(format_args!("{} {hint}", palette.name("hint:")));
        }
        self.document(printer, &hints);
    }

    /// Prints the document, where JSON was asked for.
    fn document(&self, printer: &Printer, hints: &[String]) {
        if printer.json() {
            printer.document(&ErrorDocument {
                version: 1,
                error: ErrorBody {
                    code: self.code,
                    exit_code: self.kind.exit_code(),
                    message: &self.message,
                    causes: &self.causes,
                    hints,
                    steps_done: &self.steps_done,
                },
            });
        }
    }
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    version: u32,
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    exit_code: u8,
    message: &'a str,
    causes: &'a [String],
    hints: &'a [String],
    steps_done: &'a [String],
}
