//! The command line over another manifest: the sample service's history with its irreversible revision on top.

fn main() -> std::process::ExitCode {
    migrate_cli::run(migrations_crate::retention::MANIFEST)
}
