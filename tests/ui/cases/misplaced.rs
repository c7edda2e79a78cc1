migrate_core::migrations!("dirs/misplaced");

fn main() {}
