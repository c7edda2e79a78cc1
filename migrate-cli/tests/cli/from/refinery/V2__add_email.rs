use barrel::backend::Pg;
use barrel::{Migration, types};

pub fn migration() -> String {
    let mut m = Migration::new();
    m.change_table("users", |t| {
        t.add_column("email", types::text().nullable(true));
    });
    m.make::<Pg>()
}
