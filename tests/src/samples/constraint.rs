use migrate_core::operation::{
    Constraint, Dropped, Exclude, ForeignKey, Operation, Table, TableChange, cascade, check, column, exclude,
    foreign_key, if_exists, index, per_dialect, primary_key, range, table, unique,
};
use migrate_core::prelude::{
    BigInt, Cascade, Integer, NoAction, Restrict, SetDefault, SetNull, Text, Timestamp,
};

use super::sample::{Sample, add_constraint, alter_table, drop_constraint, schema, users};

pub(super) fn samples() -> Vec<Sample> {
    [keys(), checks(), foreign_keys(), exclusions(), dropped()].concat()
}

fn bare() -> Table {
    table("t")
        .column(column("a", Integer).not_null())
        .column(column("b", Integer).not_null())
        .column(column("c", Text))
}

fn on_bare(name: &str, constraint: impl Into<Constraint>) -> Sample {
    Sample::new(name, add_constraint("t", constraint)).after(bare())
}

fn keys() -> Vec<Sample> {
    let indexed = |constraint: Constraint, name: &str| {
        on_bare(name, constraint).after(index("idx_t_a").on("t", ["a"]).unique())
    };
    vec![
        on_bare("add primary key", primary_key(["a", "b"])),
        on_bare("add primary key, deferrable", primary_key(["a"]).named("key_of_t").deferrable()),
        indexed(primary_key([""; 0]).using_index("idx_t_a").into(), "add primary key with an index"),
        on_bare("add unique constraint", unique(["a", "c"])),
        on_bare("add unique constraint with a name", unique(["a"]).named("one_a")),
        on_bare("add unique constraint, deferred", unique(["a"]).initially_deferred()),
        on_bare("add unique constraint that carries columns", unique(["a"]).include(["b", "c"])),
        on_bare("add unique constraint where NULLs are alike", unique(["c"]).nulls_not_distinct()),
        indexed(
            unique([""; 0]).named("one_a").using_index("idx_t_a").into(),
            "add unique constraint with an index",
        ),
        indexed(
            unique([""; 0]).using_index("idx_t_a").deferrable().into(),
            "add unique constraint with an index, under its name",
        ),
    ]
}

fn checks() -> Vec<Sample> {
    let validate = |name: &str| Operation::alter("t", TableChange::ValidateConstraint(name.to_owned()));
    vec![
        on_bare("add check", check("a > 0")),
        on_bare("add check with a comment in it", check("a > 0 -- positive")),
        on_bare("add check for later", check("a > 0").named("positive").not_valid()),
        on_bare("add check that is not inherited", check("a > 0").no_inherit()),
        on_bare(
            "add check per server",
            check(per_dialect().postgres("c ~ '^a'").sqlite("c GLOB 'a*'").mysql("c LIKE 'a%'")),
        ),
        Sample::new("validate constraint", validate("positive"))
            .after(bare())
            .after(add_constraint("t", check("a > 0").named("positive").not_valid())),
    ]
}

fn foreign_keys() -> Vec<Sample> {
    let refer = |name: &str, key: ForeignKey| {
        let child =
            table("posts").column(column("author", BigInt).default(1)).column(column("editor", BigInt));
        Sample::new(name, add_constraint("posts", key)).after(users()).after(child)
    };
    let to_users = || foreign_key(["author"], "users", ["id"]);
    let pairs =
        || table("pairs").column(column("x", BigInt)).column(column("y", BigInt)).primary_key(["x", "y"]);
    vec![
        refer("add foreign key", to_users()),
        refer("add foreign key to the primary key", foreign_key(["author"], "users", [""; 0])),
        refer("add foreign key with a name", to_users().named("has_author")),
        refer("add foreign key: cascade", to_users().on_delete(Cascade).on_update(Cascade)),
        refer("add foreign key: set null", to_users().on_delete(SetNull).on_update(SetNull)),
        refer("add foreign key: set default", to_users().on_delete(SetDefault).on_update(SetDefault)),
        refer("add foreign key: restrict", to_users().on_delete(Restrict).on_update(Restrict)),
        refer("add foreign key: no action", to_users().on_delete(NoAction).on_update(NoAction)),
        refer("add foreign key, deferrable", to_users().deferrable()),
        refer("add foreign key, deferred", to_users().initially_deferred()),
        refer("add foreign key for later", to_users().not_valid()),
        refer(
            "add foreign key of two columns, match full",
            foreign_key(["author", "editor"], "pairs", ["x", "y"]).match_full(),
        )
        .after(pairs()),
        Sample::new("add foreign key between schemas", add_constraint(("app", "posts"), to_users()))
            .after(users())
            .after(schema("app"))
            .after(table(("app", "posts")).column(column("author", BigInt))),
    ]
}

fn exclusions() -> Vec<Sample> {
    let bookings = || {
        table("bookings")
            .column(column("during", range(Timestamp)))
            .column(column("starts", Timestamp))
            .column(column("ends", Timestamp))
            .column(column("state", Text))
    };
    let exclusion = |name: &str, exclude: Exclude| {
        Sample::new(name, add_constraint("bookings", exclude)).after(bookings())
    };
    vec![
        exclusion("add exclusion constraint", exclude([("during", "&&")])),
        exclusion(
            "add exclusion constraint with everything",
            exclude([("during", "&&")])
                .expression("tsrange(starts, ends)", "&&")
                .filter("state <> 'cancelled'")
                .named("no_clash")
                .initially_deferred(),
        ),
        exclusion("add exclusion constraint by another method", exclude([("state", "=")]).using("btree")),
        Sample::new(
            "create table with an exclusion constraint",
            bookings().constraint(exclude([("during", "&&")])),
        ),
    ]
}

fn dropped() -> Vec<Sample> {
    let keyed = || bare().constraint(unique(["a"])).constraint(check("a > 0"));
    let drop = |name: &str, constraint: Dropped<Constraint>| {
        Sample::new(name, alter_table("t", [drop_constraint(constraint)])).after(keyed())
    };
    vec![
        drop("drop constraint", "t_a_key".into()),
        drop("drop constraint by its definition", check("a > 0").into()),
        drop("drop constraint if exists", if_exists("t_b_key").into()),
        drop("drop constraint with what depends on it", cascade("t_a_key").if_exists().into())
            .after(table("s").column(column("a", Integer).references("t", "a"))),
        Sample::new(
            "rename constraint",
            Operation::alter(
                "t",
                TableChange::RenameConstraint { from: "t_check".to_owned(), to: "positive".to_owned() },
            ),
        )
        .after(keyed()),
    ]
}
