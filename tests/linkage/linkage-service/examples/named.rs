//! An example is a crate of its own: it names the package's library, which links it.

fn main() {
    probe::main(probe::Migrator::new(linkage_service::MANIFEST))
}
