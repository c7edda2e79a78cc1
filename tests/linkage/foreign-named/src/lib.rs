//! The migrations behind a C interface, as a static and as a dynamic library.

/// Applies all migrations; returns how many, or -1 after printing why not.
#[expect(unsafe_code, reason = "a function for C needs an unmangled name")]
#[unsafe(no_mangle)]
pub extern "C" fn upgrade() -> i32 {
    let applied = probe::upgrade(probe::Migrator::new(linkage_service::MANIFEST));
    applied.and_then(|applied| i32::try_from(applied).ok()).unwrap_or(-1)
}
