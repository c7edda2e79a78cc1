//! Ctrl-C and SIGTERM: the first asks a run to end where it can be continued, the second ends it.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use migrate_core::runner::StopFlag;

use super::Printer;

/// What becomes of Ctrl-C and SIGTERM while migrations run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signals {
    /// They are the run's: for a program that has the process to itself.
    Heeded,
    /// They stay what they are in this process.
    Left,
}

/// What a first signal comes upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing that could be continued: it ends the process, as without any handler.
    Short,
    /// The server is not there yet.
    Waiting,
    /// Migrations run.
    Running,
}

/// What this process does about signals, through its phases.
pub(crate) struct Attention {
    signals: Signals,
    stop: StopFlag,
    phase: Arc<Mutex<Phase>>,
    registered: Cell<bool>,
}

impl Attention {
    pub(crate) fn new(signals: Signals) -> Self {
        let phase = Arc::new(Mutex::new(Phase::Short));
        Self { signals, stop: StopFlag::default(), phase, registered: Cell::new(false) }
    }

    /// The flag that the first signal sets.
    pub(crate) fn stop(&self) -> &StopFlag {
        &self.stop
    }

    /// From now on the first signal sets the flag and says so, and the second ends the process.
    ///
    /// Only on Unix. Elsewhere, and without this, the first one ends the process: no batch and no step is lost that
    /// was committed, and none is done twice.
    pub(crate) fn enter(&self, phase: Phase, printer: &Printer) -> io::Result<()> {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = phase;
        // A process that is the first of its container ignores SIGTERM without a handler, but a short command is over
        // before that matters.
        if phase == Phase::Short || self.signals == Signals::Left || self.registered.replace(true) {
            return Ok(());
        }
        #[cfg(unix)]
        return unix::watch(printer, &self.stop, &self.phase);
        #[cfg(not(unix))]
        {
            let _ = printer;
            Ok(())
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Read as _};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use migrate_core::runner::StopFlag;
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::Phase;
    use crate::exit_code::{INTERRUPTED, TERMINATED};
    use crate::ui::Printer;

    /// Each signal, the exit code that shells give it, and how it is sent again.
    const HEEDED: [(i32, u8, &str); 2] =
        [(SIGINT, INTERRUPTED, "Ctrl-C again"), (SIGTERM, TERMINATED, "a second SIGTERM")];

    pub(super) fn watch(printer: &Printer, stop: &StopFlag, phase: &Arc<Mutex<Phase>>) -> io::Result<()> {
        let (mut heard, bell) = UnixStream::pair()?;
        let last = Arc::new(AtomicUsize::new(0));
        let insisted = Arc::new(AtomicBool::new(false));
        for (number, (signal, code, _)) in HEEDED.into_iter().enumerate() {
            // Where not even the thread below gets to run any more: from the third on within the handler.
            flag::register_conditional_shutdown(signal, i32::from(code), Arc::clone(&insisted))?;
            flag::register_usize(signal, Arc::clone(&last), number)?;
            low_level::pipe::register(signal, bell.try_clone()?)?;
        }
        let (printer, stop, phase) = (printer.clone(), stop.clone(), Arc::clone(phase));
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let mut byte = [0];
            while heard.read_exact(&mut byte).is_ok() {
                let (_, code, again) = HEEDED[last.load(Ordering::SeqCst) % HEEDED.len()];
                let palette = printer.talk_palette();
                let phase = *phase.lock().unwrap_or_else(PoisonError::into_inner);
                if phase == Phase::Short {
                    low_level::exit(i32::from(code));
                }
                if !stop.is_set() {
                    stop.set();
                    if phase == Phase::Running {
                        let words = format!("Stopping after this batch or step; {again} ends it at once");
                        printer.talk(palette.notice(words));
                    }
                    continue;
                }
                insisted.store(true, Ordering::SeqCst);
                printer.pin("");
                printer.talk(palette.notice("Ended at once: what was not committed is undone"));
                // The other threads are in the middle of something: nothing of theirs is torn down.
                low_level::exit(i32::from(code));
            }
        })?;
        Ok(())
    }
}
