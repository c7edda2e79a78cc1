use migrate_core::operation::{
    Dropped, Null, Operation, Table, TableChange, alter, cascade, check, column, foreign_key, if_exists,
    index, key, table, unique, varchar, view,
};
use migrate_core::prelude::{BigInt, Boolean, Cascade, Date, Integer, SetNull, Text, Timestamp};

use super::sample::{
    Sample, add, alter_table, changed, constrained, drop_column, drop_constraint, renamed, schema, users,
};

pub(super) fn samples() -> Vec<Sample> {
    [created(), dropped(), changed_at_once()].concat()
}

fn created() -> Vec<Sample> {
    vec![
        Sample::new("create table", users()),
        Sample::new("create table if not exists", users().if_not_exists().index("idx_users_age", ["age"])),
        Sample::new(
            "create table with all that columns have",
            table("memories")
                .column(column("id", BigInt).identity().primary_key())
                .column(
                    column("user_id", BigInt)
                        .not_null()
                        .references("users", "id")
                        .on_delete(Cascade)
                        .on_update(SetNull),
                )
                .column(column("slug", varchar(80)).not_null().unique().collate("C"))
                .column(
                    column("importance", Integer)
                        .not_null()
                        .default(5)
                        .check("importance >= 0")
                        .check("importance <= 10"),
                )
                .column(column("pinned", Boolean).not_null().default(false).comment("Never forgotten"))
                .column(column("twice", Integer).generated("importance * 2"))
                .column(column("note", Text).nullable().default(Null)),
        )
        .after(users()),
        Sample::new(
            "create table with constraints, indexes and comments",
            table("members")
                .column(column("user_id", BigInt).comment("Who"))
                .column(column("team", Text).not_null())
                .column(column("role", Text).not_null().comment("It's what they do"))
                .column(column("since", Integer).not_null())
                .primary_key(["user_id", "team"])
                .constraint(unique(["team", "role"]))
                .constraint(unique(["team", "role", "since"]).named("one_a_year"))
                .constraint(check("since > 1900"))
                .constraint(check("since < 2900"))
                .constraint(check("role <> team").named("role_is_no_team"))
                .constraint(foreign_key(["user_id"], "users", ["id"]).on_delete(Cascade))
                .index("idx_members_role", ["role"])
                .with_index(index("idx_members_team").on("elsewhere", [key("team").desc()]))
                .comment("Who is where"),
        )
        .after(users()),
        Sample::new(
            "create table in a schema",
            table(("app", "users"))
                .column(column("id", BigInt).primary_key())
                .column(column("email", Text).unique().comment("Where to write to"))
                .index("idx_users_email", ["email"])
                .comment("People"),
        )
        .after(schema("app")),
        Sample::new(
            "create table with options",
            users()
                .unlogged()
                .storage("fillfactor", "70")
                .storage("toast.autovacuum_enabled", "false")
                .tablespace("pg_default")
                .strict()
                .without_rowid()
                .mysql_options("ENGINE=InnoDB"),
        ),
        Sample::new(
            "create table in partitions",
            table("events")
                .column(column("id", BigInt).not_null())
                .column(column("at", Timestamp).not_null())
                .primary_key(["id", "at"])
                .partition_by("RANGE (at)"),
        ),
        Sample::new(
            "create table that refers to itself",
            table("nodes")
                .column(column("id", BigInt).primary_key())
                .column(column("parent", BigInt).references("nodes", "id"))
                .constraint(check("parent <> id")),
        ),
    ]
}

fn dropped() -> Vec<Sample> {
    let drop = |table: Dropped<Table>| Operation::DropTable(table);
    let view = Operation::CreateView(Box::new(view("adults", "SELECT id FROM users WHERE age > 17")));
    vec![
        Sample::new("drop table", drop("users".into())).after(users()),
        Sample::new("drop table by its definition", drop(users().into())).after(users()),
        Sample::new("drop table if exists", drop(if_exists("users").into())),
        Sample::new("drop table with what depends on it", drop(cascade("users").into()))
            .after(users())
            .after(view),
        Sample::new(
            "drop table of a schema if exists, cascade",
            drop(if_exists(("app", "users")).cascade().into()),
        )
        .after(schema("app")),
        Sample::new("rename table", Operation::RenameTable { from: "users".into(), to: "people".to_owned() })
            .after(users()),
        Sample::new(
            "rename table of a schema",
            Operation::RenameTable { from: ("app", "t").into(), to: "s".to_owned() },
        )
        .after(schema("app"))
        .after(table(("app", "t")).column(column("id", Integer))),
    ]
}

fn changed_at_once() -> Vec<Sample> {
    let aged = || users().constraint(check("age >= 0").named("users_age_check"));
    vec![
        Sample::new(
            "alter table: several changes",
            alter_table(
                "users",
                [
                    add(column("email_verified", Boolean).not_null().default(false).comment("By mail")),
                    changed("age", alter().type_(BigInt).not_null().default(0).was(column("age", Integer))),
                    drop_constraint("users_age_check"),
                    constrained(check("age > 0")),
                    constrained(check("age < 200")),
                    constrained(unique(["email"])),
                ],
            ),
        )
        .after(aged()),
        Sample::new(
            "alter table: renames between other changes",
            alter_table(
                "users",
                [
                    add(column("born", Date).comment("Day of birth")),
                    renamed("born", "birthday"),
                    renamed("email", "address"),
                    TableChange::RenameConstraint {
                        from: "users_age_check".to_owned(),
                        to: "age_is_sane".to_owned(),
                    },
                    changed("birthday", alter().not_null()),
                    drop_constraint("age_is_sane"),
                    drop_column("age"),
                ],
            ),
        )
        .after(aged()),
        Sample::new(
            "alter table: changes of what was just added",
            alter_table(
                "users",
                [
                    add(column("a", Integer)),
                    changed("a", alter().type_(BigInt)),
                    add(column("b", Integer)),
                    drop_column("b"),
                    constrained(check("a > 0").named("positive")),
                    drop_constraint("positive"),
                    changed("a", alter().default(1)),
                    changed("a", alter().drop_default()),
                ],
            ),
        )
        .after(users()),
        Sample::new(
            "alter table: one column after another of the same name",
            alter_table("users", [drop_column("age"), add(column("age", Text).not_null().default(""))]),
        )
        .after(users()),
        Sample::new("alter table: nothing", alter_table("users", [])).after(users()),
    ]
}
