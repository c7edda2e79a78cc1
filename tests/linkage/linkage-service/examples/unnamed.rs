//! An example is a crate of its own: without a word about the package's library, nothing is linked.

fn main() {
    probe::main(probe::Migrator::new(probe::copied::MANIFEST))
}
