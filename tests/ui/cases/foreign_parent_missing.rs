mod archive {
    migrate_core::migrations!("dirs/archive");
}

migrate_core::migrations!("dirs/follows_nothing", follows = [archive::MANIFEST]);

fn main() {}
