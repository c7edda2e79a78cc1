//! The same with nothing but what the linker collects: a manifest that carries no migrations.

use linkage_service as _;

/// Applies all migrations; returns how many, or -1 after printing why not.
#[expect(unsafe_code, reason = "a function for C needs an unmangled name")]
#[unsafe(no_mangle)]
pub extern "C" fn upgrade() -> i32 {
    let applied = probe::upgrade(probe::Migrator::new(probe::copied::MANIFEST));
    applied.and_then(|applied| i32::try_from(applied).ok()).unwrap_or(-1)
}
