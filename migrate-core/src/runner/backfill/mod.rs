//! The loop of a backfill: batch after batch, each in a transaction with its checkpoint (I10), done by any number of
//! workers in any number of processes.
//!
//! - `step`: from a step of a run to its backfill and back; `join`: a process that works on one backfill alone.
//! - `job`: what the workers of a process share; `crew`: their threads; `tally`: what they have done so far.
//! - `worker`: one connection that asks for its next move (`choice`, pure), and what it does when the connection is lost.
//! - `pieces`: the moves that hand out the table; `walk`: the batches of one piece; `batch`: one of them; `reject`: a
//!   row that is put aside; `finish`: the end of the whole.
//! - `hold`: waiting with a beating heart: pauses, rests, throttles (`throttle`).
//! - `fault`: why a batch or a worker ended.

mod batch;
mod choice;
mod crew;
mod fault;
mod finish;
mod hold;
mod job;
mod join;
mod pieces;
mod reject;
mod step;
mod tally;
mod throttle;
mod walk;
mod worker;

pub(super) use self::fault::{Failed, Place as FailedAt};
