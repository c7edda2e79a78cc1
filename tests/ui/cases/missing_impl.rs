use migrate_core::prelude::*;

#[migration(revision = "abc123")]
struct AddUsers;

fn main() {}
