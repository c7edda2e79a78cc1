//! Prints `docs/locks.md`, made of the facts that the tests measure.

#![expect(clippy::print_stdout, reason = "a program that prints")]

fn main() {
    print!("{}", migrate_tests::locks::document());
}
