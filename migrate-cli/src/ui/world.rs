use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
#[cfg(unix)]
use std::os::fd::AsFd as AsStream;
#[cfg(windows)]
use std::os::windows::io::AsHandle as AsStream;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Signals;

/// What the program takes from the world around it; a test gives its own.
pub struct World {
    /// The environment variables.
    pub variables: BTreeMap<String, String>,
    /// The current directory.
    pub directory: PathBuf,
    /// The time.
    pub now: SystemTime,
    /// Where answers to questions come from.
    pub stdin: Box<dyn BufRead + Send>,
    /// Whether a person sits at `stdin`.
    pub stdin_is_terminal: bool,
    /// What becomes of Ctrl-C and SIGTERM while migrations run.
    pub signals: Signals,
}

impl World {
    /// The world of this process.
    pub fn current() -> io::Result<Self> {
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Ok(Self {
            variables: std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect(),
            directory: std::env::current_dir()?,
            now: SystemTime::now(),
            stdin: Box::new(io::BufReader::new(io::stdin())),
            stdin_is_terminal: io::stdin().is_terminal(),
            signals: Signals::Heeded,
        })
    }

    /// The value of a variable, unless it is empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// A stream that is written to, and what it leads to.
pub struct Stream {
    /// Its end.
    pub writer: Box<dyn Write + Send>,
    /// The columns of the terminal that it leads to; `None` for a file or a pipe.
    pub terminal_width: Option<usize>,
    /// How many columns the terminal has now, for it may be resized; `None` where that is not known.
    pub resized: fn() -> Option<usize>,
}

impl Stream {
    /// A stream into a file or a pipe.
    pub fn piped(writer: impl Write + Send + 'static) -> Self {
        Self { writer: Box::new(writer), terminal_width: None, resized: || None }
    }

    /// This process's stdout.
    #[must_use]
    pub fn stdout() -> Self {
        let stream = io::stdout();
        let resized = || columns(io::stdout());
        let terminal_width = stream.is_terminal().then(|| resized().unwrap_or(COLUMNS));
        Self { writer: Box::new(stream), terminal_width, resized }
    }

    /// This process's stderr.
    #[must_use]
    pub fn stderr() -> Self {
        let stream = io::stderr();
        let resized = || columns(io::stderr());
        let terminal_width = stream.is_terminal().then(|| resized().unwrap_or(COLUMNS));
        Self { writer: Box::new(stream), terminal_width, resized }
    }
}

/// The columns of a terminal that does not say how many it has.
const COLUMNS: usize = 80;

fn columns(stream: impl AsStream) -> Option<usize> {
    terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0))
}
