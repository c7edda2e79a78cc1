migrate_core::migrations!("dirs/one_mistake");

fn main() {}
