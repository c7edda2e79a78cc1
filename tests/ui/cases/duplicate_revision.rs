migrate_core::migrations!("dirs/duplicate_revision");

fn main() {}
