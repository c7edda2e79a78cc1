//! Connecting to a server that may still be starting.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use super::{AnyConnection, DatabaseUrl, Dialect, UrlError};

/// How often the caller is asked whether to go on.
const TICK: Duration = Duration::from_millis(100);

/// The longest rest between two tries.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// A try that has no answer after this is given up and made anew: the address may be that of a container which is gone.
const LONGEST_TRY: Duration = Duration::from_secs(10);

/// A server that is waited for, as [`DatabaseUrl::connect_within`] shows it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Waiting<'a> {
    /// How many tries were begun.
    pub tries: u32,
    /// How long it has been so far.
    pub waited: Duration,
    /// Why the last try that ended failed; `None` while the first has no answer.
    pub failure: Option<&'a UrlError>,
}

/// Why there is no connection after waiting for one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// The server is there and refuses, or the URL cannot be used: no time would change that.
    #[error(transparent)]
    Final(UrlError),
    /// The server was not there in time.
    #[error("no connection after {} s and {tries} tries", waited.as_secs())]
    TimedOut {
        /// How many tries were made.
        tries: u32,
        /// How long that took.
        waited: Duration,
        /// Why the last try failed.
        source: UrlError,
    },
    /// The caller did not want to wait any longer.
    #[error("asked to stop after waiting for {} s", waited.as_secs())]
    Stopped {
        /// How long it had waited.
        waited: Duration,
    },
}

impl DatabaseUrl {
    /// Opens a connection, and tries again for so long while the server cannot be reached or is starting.
    ///
    /// What may pass is decided by [`UrlError::may_pass`]; anything else ends it at once, as does an SQLite file that
    /// does not open. `ask` is called after each failed try and about ten times a second in between, also while the
    /// network is silent; `Break` ends the wait. At least one try is made, however short the time is.
    ///
    /// A try runs on a thread of its own, which is left behind when the time is over or the wait was ended: it ends by
    /// itself within ten seconds, and gives up a connection that it may still get.
    pub fn connect_within(
        &self,
        limit: Duration,
        mut ask: impl FnMut(Waiting<'_>) -> ControlFlow<()>,
    ) -> Result<AnyConnection, WaitError> {
        if self.dialect() == Dialect::Sqlite {
            return self.connect().map_err(WaitError::Final);
        }
        let began = Instant::now();
        let mut failure: Option<UrlError> = None;
        for tries in 1.. {
            let mut ask =
                |failure: Option<&UrlError>| match ask(Waiting { tries, waited: began.elapsed(), failure }) {
                    ControlFlow::Continue(()) => Ok(()),
                    ControlFlow::Break(()) => Err(WaitError::Stopped { waited: began.elapsed() }),
                };
            let left = limit.saturating_sub(began.elapsed());
            match self.try_within(left, || ask(failure.as_ref()))? {
                Ok(connection) => return Ok(connection),
                Err(error) if !error.may_pass() => return Err(WaitError::Final(error)),
                Err(error) => failure = Some(error),
            }
            ask(failure.as_ref())?;
            let next_try = began.elapsed() + rest_after(tries);
            while began.elapsed() < next_try.min(limit) {
                thread::sleep(TICK.min(next_try.min(limit).saturating_sub(began.elapsed())));
                ask(failure.as_ref())?;
            }
            if began.elapsed() >= limit {
                let source = failure.unwrap_or(self.no_answer());
                return Err(WaitError::TimedOut { tries, waited: began.elapsed(), source });
            }
        }
        unreachable!("there are more tries than a wait is long")
    }

    /// One try. The outer error is the caller's.
    fn try_within(
        &self,
        left: Duration,
        mut ask: impl FnMut() -> Result<(), WaitError>,
    ) -> Result<Result<AnyConnection, UrlError>, WaitError> {
        let (began, longest) = (Instant::now(), left.clamp(MINIMUM_TRY, LONGEST_TRY));
        let (done, outcome) = mpsc::channel();
        let url = self.answered_within(longest);
        let thread = thread::Builder::new().name("connect".to_owned()).spawn(move || {
            // Nobody may be there any more to take it.
            let _ = done.send(url.connect());
        });
        if thread.is_err() {
            return Ok(self.connect());
        }
        loop {
            match outcome.recv_timeout(TICK) {
                Ok(outcome) => return Ok(outcome),
                Err(RecvTimeoutError::Disconnected) => return Ok(Err(self.no_answer())),
                Err(RecvTimeoutError::Timeout) => ask()?,
            }
            // The driver counts in whole seconds, and not the time to look up a name.
            if began.elapsed() > longest {
                return Ok(Err(self.no_answer()));
            }
        }
    }

    fn no_answer(&self) -> UrlError {
        UrlError::Connect { url: self.to_string(), reason: "timeout expired".to_owned() }
    }
}

/// The shortest try: a network may be slow.
const MINIMUM_TRY: Duration = Duration::from_secs(1);

/// How long to rest after so many tries: 100 ms at first, twice as long each time, up to a second.
fn rest_after(tries: u32) -> Duration {
    TICK.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1))).min(LONGEST_REST)
}

impl UrlError {
    /// Whether the same connection may succeed later, with nothing changed but the server.
    ///
    /// That is so while it is refused, unreachable, silent, unknown by name, full, starting or shutting down; not for a
    /// wrong password or a database that does not exist. Where a name stands for several addresses, it has to be so for
    /// all. It is told by the messages of libpq and the server: one that is not in English, as a server's is with
    /// another `lc_messages`, is taken for an answer that will not change.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let Self::Connect { reason, .. } = self else { return false };
        // libpq names each address that it has tried.
        reason
            .split("connection to server ")
            .filter(|part| !part.trim().is_empty())
            .all(|part| PASSING.iter().any(|text| part.contains(text)))
    }
}

/// What is said while a server is not there, or not yet.
const PASSING: &[&str] = &[
    "Connection refused",
    "could not translate host name",
    "could not look up",
    "timeout expired",
    "Connection timed out",
    "Operation timed out",
    "No route to host",
    "Host is unreachable",
    "Network is unreachable",
    "Connection reset by peer",
    "server closed the connection unexpectedly",
    "SSL SYSCALL error",
    // Only of a socket: of a certificate it would be for good.
    "failed: No such file or directory",
    "the database system is starting up",
    "the database system is shutting down",
    "the database system is in recovery mode",
    "the database system is not yet accepting connections",
    "the database system is not accepting connections",
    "terminating connection due to administrator command",
    "too many clients already",
    "too many connections",
    "remaining connection slots are reserved",
    // PgBouncer, in front of a server that is not there.
    "server login has been failing, try again later",
    "server login failed: FATAL the database system is starting up",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(reason: &str) -> UrlError {
        UrlError::Connect { url: "postgres://db".to_owned(), reason: reason.to_owned() }
    }

    #[test]
    fn what_passes_is_waited_for_and_what_stays_is_not() {
        const REFUSED: &str = "connection to server at \"::1\", port 5432 failed: Connection refused\n\tIs the server \
                               running on that host and accepting TCP/IP connections?";
        const PASSWORD: &str = "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  password \
                                authentication failed for user \"app\"";
        const SOCKET: &str = "connection to server on socket \"/run/.s.PGSQL.5432\" failed: No such file or directory\n\
                              \tIs the server running locally and accepting connections on that socket?";
        const STARTING: &str = "connection to server at \"db\" (10.0.0.2), port 5432 failed: FATAL:  the database system is starting up";
        for (reason, passes) in [
            (REFUSED.to_owned(), true),
            (SOCKET.to_owned(), true),
            (STARTING.to_owned(), true),
            (format!("{REFUSED}\n{STARTING}"), true),
            ("could not translate host name \"db\" to address: Name or service not known".to_owned(), true),
            (PASSWORD.to_owned(), false),
            (format!("{REFUSED}\n{PASSWORD}"), false),
            (STARTING.replace("the database system is starting up", "database \"x\" does not exist"), false),
            (STARTING.replace("the database system is starting up", "das Datenbanksystem startet"), false),
            ("could not open certificate file \"/x\": No such file or directory".to_owned(), false),
            ("invalid URI query parameter: \"x\"".to_owned(), false),
        ] {
            assert_eq!(said(&reason).may_pass(), passes, "{reason}");
        }
        assert!(!UrlError::Empty.may_pass());
    }

    #[test]
    fn rests_grow_to_a_second() {
        let rests: Vec<_> = [1, 2, 3, 4, 5, 6, 1_000].map(|tries| rest_after(tries).as_millis()).into();
        assert_eq!(rests, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_file_is_not_waited_for() {
        let url = DatabaseUrl::parse("sqlite:///no/such/directory/app.db").unwrap();
        let outcome = url.connect_within(Duration::from_secs(60), |_| panic!("there is nothing to wait for"));
        assert!(matches!(outcome, Err(WaitError::Final(UrlError::Connect { .. }))));
    }

    #[cfg(feature = "postgres")]
    mod of_a_server {
        use std::net::TcpListener;

        use super::*;

        /// A port on which nobody listens, and one whose listener never says a word.
        fn silent() -> (TcpListener, DatabaseUrl) {
            let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            (listener, DatabaseUrl::parse(&format!("postgres://u@127.0.0.1:{port}/x")).unwrap())
        }

        #[test]
        fn a_wait_that_is_over_says_how_often_it_has_tried() {
            let (listener, url) = silent();
            drop(listener);
            let mut seen = Vec::new();
            let outcome = url.connect_within(Duration::from_millis(1_200), |waiting| {
                seen.push((waiting.tries, waiting.failure.is_some()));
                ControlFlow::Continue(())
            });
            let Err(WaitError::TimedOut { tries, waited, source }) = outcome else {
                panic!("it was not there")
            };
            assert!(waited >= Duration::from_millis(1_200), "{waited:?}");
            assert!(tries >= 3 && seen.last() == Some(&(tries, true)), "{tries} {seen:?}");
            assert!(source.to_string().contains("Connection refused"), "{source}");
        }

        #[test]
        fn the_caller_ends_the_wait_between_tries_and_while_the_network_is_silent() {
            for listens in [false, true] {
                let (listener, url) = silent();
                let _listener = listens.then_some(listener);
                let began = Instant::now();
                let outcome = url.connect_within(Duration::from_secs(60), |waiting| {
                    assert_eq!(waiting.failure.is_none(), listens);
                    if waiting.waited < Duration::from_millis(300) {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                });
                assert!(matches!(outcome, Err(WaitError::Stopped { .. })));
                assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            }
        }

        #[test]
        fn a_server_that_never_answers_takes_no_longer_than_it_may() {
            let (_listener, url) = silent();
            let began = Instant::now();
            let outcome = url.connect_within(Duration::from_millis(500), |_| ControlFlow::Continue(()));
            assert!(matches!(outcome, Err(WaitError::TimedOut { tries: 1, .. })));
            assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        }
    }
}
