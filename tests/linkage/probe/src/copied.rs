use migrate_core::Manifest;

const ARCHIVE: Manifest = Manifest::new("linkage-archive", "0.1.0", "", &["a1", "a2"], &[]);
const LIBRARY: Manifest = Manifest::new("linkage-library", "0.1.0", "", &["b1", "b2"], &[]);

/// The service's manifest as a code generator would copy it: a value that refers to no crate.
pub const MANIFEST: Manifest =
    Manifest::new("linkage-service", "0.1.0", "", &["c1", "c2", "c3"], &[ARCHIVE, LIBRARY]);
