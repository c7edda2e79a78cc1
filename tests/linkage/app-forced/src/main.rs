//! Has a manifest that does not name the migrations crate, and links the crate by hand.

use linkage_service as _;

fn main() {
    probe::main(probe::Migrator::new(probe::copied::MANIFEST))
}
