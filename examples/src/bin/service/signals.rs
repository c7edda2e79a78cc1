//! SIGTERM and Ctrl-C: the first ends the service in order, the second at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals of this process.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    at_once: Arc<AtomicBool>,
}

impl Signals {
    /// Takes them over. Until [`heed`](Self::heed) each ends the process, as it would without a handler.
    ///
    /// The handlers are there all the same, for a process with id 1 that has none is not ended by a signal.
    pub(crate) fn take() -> io::Result<Self> {
        let at_once = Arc::new(AtomicBool::new(true));
        // 128 and the signal's number is what shells say of a process that a signal ended.
        for signal in [SIGTERM, SIGINT] {
            register_conditional_shutdown(signal, 128 + signal, Arc::clone(&at_once))?;
        }
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt, at_once })
    }

    /// From now on a signal is for [`received`](Self::received).
    pub(crate) fn heed(&self) {
        self.at_once.store(false, Ordering::SeqCst);
    }

    /// Waits for one.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }

    /// From now on the next one ends the process in its handler, whatever the threads are doing.
    pub(crate) fn insist(&self) {
        self.at_once.store(true, Ordering::SeqCst);
    }
}
