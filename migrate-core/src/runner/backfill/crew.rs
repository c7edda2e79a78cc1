//! The workers of one process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::fault::{Failed, Quit};
use super::job::Job;
use super::worker::{Ended, Worker};
use crate::backfill::BackfillError;
use crate::lock::{self, Held};
use crate::runner::host::{Host, Hosts};

/// How often the run shows that it is alive while its threads work: a lease lasts 30 s.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// What came of a thread: how its worker ended, or what it panicked with.
type Outcome = Result<Result<Ended, Quit>, Box<dyn Any + Send>>;

/// Works on the backfill until it is done: on the connection of the run, or with threads that have their own.
pub(super) fn work(
    job: &Job<'_>,
    host: &mut dyn Host,
    hosts: Option<&dyn Hosts>,
    held: &Held,
) -> Result<Ended, Quit> {
    if job.workers == 1 {
        return Worker::new(host, job, held, None).work();
    }
    let workers = job.workers;
    let Some(hosts) = hosts else { return Err(BackfillError::NoConnector { workers }.into()) };
    std::thread::scope(|scope| {
        let (ended, told) = channel();
        for number in 1..=workers {
            let ended = ended.clone();
            scope.spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| work_in_thread(job, hosts, number)));
                if !matches!(outcome, Ok(Ok(_))) {
                    job.halt();
                }
                // The run is there until all threads have ended.
                let _ = ended.send(outcome);
            });
        }
        drop(ended);
        wait_for_all(job, host, held, &told)
    })
}

fn work_in_thread(job: &Job<'_>, hosts: &dyn Hosts, number: u32) -> Result<Ended, Quit> {
    let mut host = open(job, hosts)?;
    Worker::new(&mut *host, job, &Held::Nothing, Some(number)).work()
}

/// Opens a connection; the server may be about to start again, or have too many at the moment.
fn open<'h>(job: &Job<'_>, hosts: &'h dyn Hosts) -> Result<Box<dyn Host + 'h>, Quit> {
    let mut attempt = 0;
    loop {
        match hosts.open() {
            Ok(host) => return Ok(host),
            Err(_) if job.is_halted() => return Err(Quit::Halted),
            Err(error) if attempt >= job.options.retries => return Err(BackfillError::Connect(error).into()),
            Err(_) => std::thread::sleep(lock::backoff(attempt)),
        }
        attempt += 1;
    }
}

/// Waits until every thread has ended, and returns what the first one said that failed.
fn wait_for_all(
    job: &Job<'_>,
    host: &mut dyn Host,
    held: &Held,
    told: &Receiver<Outcome>,
) -> Result<Ended, Quit> {
    let (mut all, mut failed, mut panic) = (Ended::WasDone, None, None);
    loop {
        match told.recv_timeout(SIGN_OF_LIFE) {
            Ok(Ok(Ok(Ended::Finished))) => all = Ended::Finished,
            Ok(Ok(Ok(Ended::WasDone))) => {}
            // Those that end because another has failed say so, and are not the reason.
            Ok(Ok(Err(Quit::Halted))) => failed = failed.or(Some(Quit::Halted)),
            Ok(Ok(Err(quit))) => {
                failed = Some(failed.filter(|first| !matches!(first, Quit::Halted)).unwrap_or(quit));
            }
            Ok(Err(caught)) => panic = panic.or(Some(caught)),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(quit) = show_life(job, host, held) {
                    job.halt();
                    failed = Some(failed.unwrap_or(quit));
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(panic) = panic {
        resume_unwind(panic);
    }
    match failed {
        // One of them may have found the end while another one was told to stop.
        Some(Quit::Halted) if all == Ended::Finished => Ok(all),
        Some(quit) => Err(quit),
        // What comes after the backfill needs the run's own connection.
        None => show_life(job, host, held).map(|()| all),
    }
}

/// Keeps the run's own connection, and with it the run lock.
fn show_life(job: &Job<'_>, host: &mut dyn Host, held: &Held) -> Result<(), Quit> {
    match lock::confirm(host.driver(), &job.names, held, false) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(lost)) => Err(Quit::LockLost(lost)),
        Err(error) => {
            let failed = Failed::around(error);
            if failed.is_lost_connection() { Err(failed.into_quit(None)) } else { Ok(()) }
        }
    }
}
