migrate_core::migrations!("dirs/label_clash");

fn main() {}
