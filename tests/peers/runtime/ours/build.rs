//! Has cargo look at the generated migrations.

fn main() {
    println!("cargo::rerun-if-changed=../../target/history/ours");
}
