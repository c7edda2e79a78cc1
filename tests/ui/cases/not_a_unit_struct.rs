use migrate_core::prelude::*;

#[migration(revision = "abc123")]
enum AddUsers {}

#[migration(revision = "def456")]
struct AddRoles {
    table: &'static str,
}

#[migration(revision = "789abc")]
struct AddColumn<const N: usize>;

#[migration(revision = "cba987")]
fn add_index() {}

fn main() {}
