/// How often a test of chance repeats itself: `few` in an ordinary run, and as often as `MIGRATE_REPEAT` says
/// when it is set.
///
/// The long run: `MIGRATE_REPEAT=50 scripts/test.sh -E 'test(sixteen_processes)'`.
#[must_use]
pub fn repetitions(few: u32) -> u32 {
    match std::env::var("MIGRATE_REPEAT") {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("MIGRATE_REPEAT is a number, not `{text}`")),
        Err(_) => few,
    }
}
