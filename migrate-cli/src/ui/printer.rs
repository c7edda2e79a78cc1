use std::fmt::Display;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use super::{Palette, Stream};

/// The width that is laid out for where there is no terminal.
const FILE_WIDTH: usize = 120;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Volume {
    /// Errors and warnings.
    Quiet,
    /// What happens, as it happens.
    Normal,
    /// Also where settings come from.
    Verbose,
}

/// The one place that writes: data to stdout, talk to stderr.
///
/// Cheap to clone, so that the runner's events can be printed from wherever they happen.
#[derive(Clone)]
pub struct Printer(Arc<Shared>);

struct Shared {
    stdout: Channel,
    stderr: Channel,
    volume: Volume,
    json: bool,
    answered: AtomicBool,
}

struct Channel {
    pen: Mutex<Pen>,
    palette: Palette,
    width: Option<usize>,
    resized: fn() -> Option<usize>,
    fault: Mutex<Option<io::Error>>,
}

/// A stream, and the line that stays at its end while others are written above it.
struct Pen {
    writer: Box<dyn Write + Send>,
    pinned: String,
}

/// Back to the start of the line, and nothing left on it.
const CLEAR_LINE: &str = "\r\x1b[K";

impl Channel {
    fn new(stream: Stream, palette: Palette) -> Self {
        Self {
            pen: Mutex::new(Pen { writer: stream.writer, pinned: String::new() }),
            palette,
            width: stream.terminal_width,
            resized: stream.resized,
            fault: Mutex::new(None),
        }
    }

    fn write(&self, text: &str) {
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        if pen.pinned.is_empty() {
            self.put(&mut pen, text);
        } else {
            let text = format!("{CLEAR_LINE}{text}{}", pen.pinned);
            self.put(&mut pen, &text);
        }
    }

    fn pin(&self, line: String) {
        let mut pen = self.pen.lock().unwrap_or_else(PoisonError::into_inner);
        if pen.pinned != line {
            self.put(&mut pen, &format!("{CLEAR_LINE}{line}"));
            pen.pinned = line;
        }
    }

    /// The first fault is kept for the end; a reader that went away (`history | head`) is none.
    fn put(&self, pen: &mut Pen, text: &str) {
        if let Err(error) = pen.writer.write_all(text.as_bytes()).and_then(|()| pen.writer.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }
}

impl Printer {
    /// Creates a printer; `coloured` says it for stdout and for stderr.
    pub fn new(stdout: Stream, stderr: Stream, coloured: [bool; 2], volume: Volume, json: bool) -> Self {
        let [out, err] = coloured.map(Palette::new);
        Self(Arc::new(Shared {
            stdout: Channel::new(stdout, out),
            stderr: Channel::new(stderr, err),
            volume,
            json,
            answered: AtomicBool::new(false),
        }))
    }

    /// The styles of stdout.
    pub fn palette(&self) -> Palette {
        self.0.stdout.palette
    }

    /// The styles of stderr.
    pub fn talk_palette(&self) -> Palette {
        self.0.stderr.palette
    }

    /// Whether stderr leads to a terminal.
    pub fn talks_to_terminal(&self) -> bool {
        self.0.stderr.width.is_some()
    }

    /// How many columns stdout has room for.
    pub fn width(&self) -> usize {
        self.0.stdout.width.unwrap_or(FILE_WIDTH)
    }

    /// The columns of the terminal that stdout leads to; `None` for a file or a pipe.
    pub fn terminal_width(&self) -> Option<usize> {
        self.0.stdout.width
    }

    /// Whether stdout carries JSON.
    pub fn json(&self) -> bool {
        self.0.json
    }

    /// How much is said.
    pub fn volume(&self) -> Volume {
        self.0.volume
    }

    /// Prints a line of data.
    pub fn data(&self, line: impl Display) {
        self.0.stdout.write(&format!("{line}\n"));
    }

    /// Prints data as it is.
    pub fn raw(&self, text: &str) {
        self.0.stdout.write(text);
    }

    /// Prints a JSON document, unless one was printed before: stdout holds one at most.
    pub fn document(&self, document: &impl Serialize) {
        if self.0.answered.swap(true, Ordering::Relaxed) {
            return;
        }
        match serde_json::to_string_pretty(document) {
            Ok(text) => self.data(text),
            Err(error) => self.warning(format_args!("the answer has no JSON form: {error}")),
        }
    }

    /// Says what happens.
    pub fn talk(&self, line: impl Display) {
        if self.0.volume >= Volume::Normal {
            self.say(line);
        }
    }

    /// Says what only a person who asked wants to know.
    pub fn detail(&self, line: impl Display) {
        if self.0.volume >= Volume::Verbose {
            self.say(line);
        }
    }

    /// Says what could be typed next.
    pub fn hint(&self, line: impl Display) {
        self.talk(format_args!("{} {line}", self.talk_palette().name("hint:")));
    }

    /// Says what is not as it should be, also to those who asked for quiet.
    pub fn warning(&self, line: impl Display) {
        self.say(format_args!("{} {line}", self.talk_palette().notice("warning:")));
    }

    /// Says something on stderr, whatever the volume.
    pub fn say(&self, line: impl Display) {
        self.0.stderr.write(&format!("{line}\n"));
    }

    /// Keeps a line at the end of stderr, in place of the one before, while others are said above it. An empty one
    /// ends that. For terminals only.
    pub fn pin(&self, line: impl Into<String>) {
        self.0.stderr.pin(line.into());
    }

    /// The columns of the terminal that stderr leads to, at this moment; `None` for a file or a pipe.
    pub fn talk_width(&self) -> Option<usize> {
        let Channel { width, resized, .. } = &self.0.stderr;
        width.map(|width| resized().unwrap_or(width))
    }

    /// Starts a question; the answer stands on the same line.
    pub fn ask(&self, question: impl Display) {
        self.0.stderr.write(&format!("{question} "));
    }

    /// What went wrong with stdout, if something did.
    pub fn fault(&self) -> Option<io::Error> {
        self.0.stdout.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_said_stands_above_the_line_that_is_pinned() {
        let sink = Sink::default();
        let stderr =
            Stream { writer: Box::new(sink.clone()), terminal_width: Some(80), resized: || Some(60) };
        let printer = Printer::new(Stream::piped(io::sink()), stderr, [false; 2], Volume::Normal, false);
        let said = |printer: &Printer, act: &dyn Fn(&Printer)| {
            act(printer);
            String::from_utf8(std::mem::take(&mut *sink.0.lock().unwrap())).unwrap()
        };
        assert_eq!(said(&printer, &|printer| printer.pin("")), "", "nothing to take away");
        assert_eq!(said(&printer, &|printer| printer.pin("10 %")), "\r\x1b[K10 %");
        assert_eq!(said(&printer, &|printer| printer.pin("10 %")), "", "it stands there already");
        assert_eq!(said(&printer, &|printer| printer.talk("a row")), "\r\x1b[Ka row\n10 %");
        assert_eq!(said(&printer, &|printer| printer.pin("20 %")), "\r\x1b[K20 %");
        assert_eq!(said(&printer, &|printer| printer.pin("")), "\r\x1b[K");
        assert_eq!(said(&printer, &|printer| printer.talk("done")), "done\n");
        assert_eq!(printer.talk_width(), Some(60), "the terminal was resized");
    }
}
