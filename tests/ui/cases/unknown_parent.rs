migrate_core::migrations!("dirs/unknown_parent");

fn main() {}
