//! The command line over this workspace's `migrations-crate`.

use migrate_core::Manifest;

// Until migrations-crate has its `MANIFEST`: an empty one in the right place.
const MANIFEST: Manifest = Manifest::new(
    "migrations-crate",
    env!("CARGO_PKG_VERSION"),
    concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations-crate/src/versions"),
    &[],
    &[],
);

fn main() -> std::process::ExitCode {
    migrate_cli::run(MANIFEST)
}
