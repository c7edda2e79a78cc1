mod one {
    migrate_core::migrations!(versions);
}

mod two {
    migrate_core::migrations!("dirs/archive", folows = []);
}

fn main() {}
