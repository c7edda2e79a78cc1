pub use sea_orm_migration::prelude::*;
mod m20240501_000001_create_users;
mod m20240502_000002_add_email;
pub struct Migrator;
#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20240501_000001_create_users::Migration),
            Box::new(m20240502_000002_add_email::Migration),
        ]
    }
}
