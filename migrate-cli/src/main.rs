//! The command line over this workspace's `migrations-crate`.

fn main() -> std::process::ExitCode {
    migrate_cli::run(migrations_crate::MANIFEST)
}
