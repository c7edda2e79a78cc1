//! What was attempted, whatever became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file in which workers write down each batch before they change its rows.
///
/// It is outside every transaction, so a batch that is undone, or whose worker is killed, stays in it. A record is
/// one `write` with `O_APPEND`: the kernel keeps it when the process is killed, and threads and processes do not
/// write into each other's.
#[derive(Debug, Clone)]
pub struct Audit {
    path: PathBuf,
}

/// A batch that somebody began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The process.
    pub process: u32,
    /// Its thread, as the kernel numbers them.
    pub thread: u32,
    /// The keys of the rows. Empty when the process was killed in the middle of the `write`.
    pub keys: Vec<i64>,
}

/// What was done once more, because the first time was undone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoneAgain {
    /// How many batches of each thread were, by process and thread; those of a thread that had none are left out.
    pub batches: BTreeMap<(u32, u32), u32>,
    /// How many rows they had that were done again.
    pub rows: usize,
    /// The batches after which their thread began another one. Nobody who was killed in a batch does so.
    pub survived: Vec<Attempt>,
}

impl Audit {
    /// The one in this file, which need not be there yet.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down that this thread begins a batch.
    pub fn note(&self, keys: impl IntoIterator<Item = i64>) {
        let me = std::fs::read_link("/proc/thread-self").expect("/proc/thread-self");
        let me = me.to_str().expect("a path of numbers").replace("/task/", " ");
        let keys: Vec<_> = keys.into_iter().map(|key| key.to_string()).collect();
        // A line of its own also after one that was cut short, and a mark at the end of what is complete.
        let record = format!("\n{me} {} .", keys.join(" "));
        let mut file = File::options().create(true).append(true).open(&self.path).expect("the audit");
        let written = file.write(record.as_bytes()).expect("a record");
        assert_eq!(written, record.len(), "the audit's disk is full");
    }

    /// All records, in the order in which they were written.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        let text = std::fs::read_to_string(&self.path).unwrap_or_default();
        text.lines().filter_map(parse).collect()
    }

    /// What was done more than once.
    #[must_use]
    pub fn done_again(&self) -> DoneAgain {
        let (mut later, mut busy) = (BTreeSet::new(), BTreeSet::new());
        let mut found = DoneAgain::default();
        for attempt in self.attempts().into_iter().rev() {
            let again = attempt.keys.iter().filter(|key| later.contains(*key)).count();
            let worker = (attempt.process, attempt.thread);
            later.extend(attempt.keys.iter().copied());
            let was_last = busy.insert(worker);
            if again > 0 {
                *found.batches.entry(worker).or_default() += 1;
                found.rows += again;
                if !was_last {
                    found.survived.push(attempt);
                }
            }
        }
        found
    }
}

impl DoneAgain {
    /// How many batches were done again by anybody.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.batches.values().sum()
    }

    /// How many were for one process, at most.
    #[must_use]
    pub fn most_of_a_process(&self) -> u32 {
        let mut processes = BTreeMap::<u32, u32>::new();
        for ((process, _), batches) in &self.batches {
            *processes.entry(*process).or_default() += batches;
        }
        processes.into_values().max().unwrap_or_default()
    }
}

fn parse(line: &str) -> Option<Attempt> {
    let mut words = line.split(' ');
    let (process, thread) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    // Without the mark the last key may be half of one, and nothing of the batch was done yet.
    let keys = match line.strip_suffix(" .") {
        Some(_) => words.take_while(|word| *word != ".").map(|key| key.parse().expect("a key")).collect(),
        None => Vec::new(),
    };
    Some(Attempt { process, thread, keys })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(text: &str) -> (tempfile::TempDir, Audit) {
        let directory = tempfile::tempdir().expect("tempdir");
        let audit = Audit::at(directory.path().join("audit"));
        std::fs::write(audit.path(), text).expect("audit");
        (directory, audit)
    }

    #[test]
    fn what_is_written_down_comes_back() {
        let (_directory, audit) = audit("");
        audit.note([1, 3, 5]);
        std::thread::scope(|scope| scope.spawn(|| audit.note([7])).join().expect("a thread"));
        let attempts = audit.attempts();
        assert_eq!(
            attempts.iter().map(|attempt| attempt.keys.clone()).collect::<Vec<_>>(),
            [vec![1, 3, 5], vec![7]]
        );
        assert!(attempts.iter().all(|attempt| attempt.process == std::process::id()));
        assert_ne!(attempts[0].thread, attempts[1].thread);
        assert_eq!(audit.done_again(), DoneAgain::default());
    }

    #[test]
    fn a_batch_that_another_process_does_again_counts_for_the_one_that_was_killed() {
        let (_directory, audit) = audit("\n10 10 1 2 .\n10 10 3 4 .\n10 11 5 6 .\n20 20 3 4 .\n20 20 5 6 .");
        let again = audit.done_again();
        assert_eq!(again.batches, BTreeMap::from([((10, 10), 1), ((10, 11), 1)]));
        assert_eq!((again.total(), again.most_of_a_process(), again.rows), (2, 2, 4));
        assert_eq!(again.survived, []);
    }

    #[test]
    fn a_batch_that_its_own_thread_does_again_was_survived() {
        let (_directory, audit) = audit("\n10 10 1 2 .\n10 10 1 2 .");
        let again = audit.done_again();
        assert_eq!((again.total(), again.survived.len()), (1, 1));
    }

    #[test]
    fn a_record_that_was_cut_short_has_no_keys() {
        let (_directory, audit) = audit("\n10 10 1 2 .\n10 10 3 1\n20 20 3 14 .");
        let keys: Vec<_> = audit.attempts().into_iter().map(|attempt| attempt.keys).collect();
        assert_eq!(keys, [vec![1, 2], vec![], vec![3, 14]]);
        assert_eq!(audit.done_again(), DoneAgain::default());
    }
}
