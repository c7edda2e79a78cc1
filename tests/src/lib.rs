//! The testkit.

pub mod alembic_cases;
pub mod backfills;
pub mod declared;
pub mod fixture;
pub mod journaled;
pub mod locks;
pub mod real;
pub mod rebuilds;
pub mod samples;
pub mod testkit;

/// A folder of recordings that are not part of the repository: `shared` beside the workspace or further up.
pub fn recordings(name: &str) -> Option<std::path::PathBuf> {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let folders = workspace.ancestors().skip(1).map(|folder| folder.join("shared").join(name));
    folders.into_iter().find(|folder| folder.is_dir())
}
