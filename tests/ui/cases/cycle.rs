migrate_core::migrations!("dirs/cycle");

fn main() {}
