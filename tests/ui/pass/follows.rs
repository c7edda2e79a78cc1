#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub, warnings)]
//! A directory that continues another one.

/// An older lineage.
pub mod archive {
    migrate_core::migrations!("dirs/archive");
}

migrate_core::migrations!("dirs/follows", follows = [archive::MANIFEST], crate = ::migrate_core);

fn main() {
    assert_eq!(MANIFEST.revisions(), ["aaa111", "bbb222"]);
    assert_eq!(MANIFEST.all_revisions().len(), 4);
    assert!(std::path::Path::new(MANIFEST.source_dir()).is_absolute());

    let listed = ENTRIES.iter().map(|entry| entry.declaration().revision);
    assert!(listed.eq(["aaa111", "bbb222"]));
    assert_eq!(archive::ENTRIES.len(), 2);
    assert_eq!(m_helpers::ANSWER, 42);
}
