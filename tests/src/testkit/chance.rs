//! Random choices that can be made again.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;

/// The random choices of one test.
///
/// The environment variable `MIGRATE_SEED` says which ones; a test that fails prints what it has to be for the same
/// choices. The same choices are the same kills at the same places only as far as the machine is as fast.
#[derive(Debug)]
pub struct Chance {
    seed: u64,
    random: Rng,
}

impl Default for Chance {
    fn default() -> Self {
        Self::new()
    }
}

impl Chance {
    /// Those of `MIGRATE_SEED`, or others each time.
    #[must_use]
    pub fn new() -> Self {
        let seed = match std::env::var("MIGRATE_SEED") {
            Ok(text) => text.parse().unwrap_or_else(|_| panic!("MIGRATE_SEED is a number, not `{text}`")),
            Err(_) => fastrand::u64(..),
        };
        Self { seed, random: Rng::with_seed(seed) }
    }

    /// A number of the range.
    pub fn number(&mut self, range: Range<u64>) -> u64 {
        self.random.u64(range)
    }

    /// Some time up to the longest, to the microsecond.
    pub fn time(&mut self, longest: Duration) -> Duration {
        let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.random.u64(..=longest))
    }

    /// One of several.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        *self.random.choice(all).expect("something to choose from")
    }
}

impl Drop for Chance {
    #[expect(clippy::print_stderr, reason = "what a developer needs to repeat a failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("MIGRATE_SEED={} makes the same random choices again", self.seed);
        }
    }
}
