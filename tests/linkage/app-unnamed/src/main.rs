//! Has the migrations crate in its Cargo.toml only, and a manifest that does not name it: nothing is linked.

fn main() {
    probe::main(probe::Migrator::new(probe::copied::MANIFEST))
}
