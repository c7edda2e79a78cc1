//! Names the migrations crate, which links it.

fn main() {
    probe::main(probe::Migrator::new(linkage_service::MANIFEST))
}
