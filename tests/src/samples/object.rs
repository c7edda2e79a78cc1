use migrate_core::operation::{
    CommentTarget, Dropped, Function, Leaves, Operation, Trigger, View, check, column, comment, enum_type,
    extension, function, if_exists, index, no_comment, per_dialect, sequence, sql, table, trigger, view,
};
use migrate_core::prelude::{BigInt, Integer, SmallInt};

use super::sample::{Sample, schema, users};

pub(super) fn samples() -> Vec<Sample> {
    [views(), functions(), triggers(), sequences(), extensions(), schemas(), comments(), raw()].concat()
}

fn create_view(view: View) -> Operation {
    Operation::CreateView(Box::new(view))
}

fn views() -> Vec<Sample> {
    let on_users = |name: &str, operation| Sample::new(name, operation).after(users());
    let adults = || view("adults", "SELECT id, email FROM users WHERE age > 17");
    let stored = || adults().materialized();
    let drop = |view: Dropped<View>, materialized| Operation::DropView { view, materialized };
    let refresh = |concurrently| Operation::RefreshView { name: "adults".into(), concurrently };
    vec![
        on_users("create view", create_view(adults())),
        on_users("create view with columns", create_view(adults().columns(["who", "Where"]))),
        on_users("create or replace view", create_view(adults().or_replace())).after(create_view(adults())),
        on_users(
            "create view that replaces another",
            create_view(adults().replacing("SELECT id, email FROM users")),
        ),
        on_users(
            "create view with options",
            create_view(adults().columns(["who", "Where"]).option("security_barrier", "true")),
        ),
        on_users("create view that ends in a comment", create_view(view("v", "SELECT 1 AS one -- done\n;"))),
        on_users(
            "create view per server",
            create_view(view(
                "v",
                per_dialect().postgres("SELECT 1 AS p").sqlite("SELECT 2 AS s").mysql("SELECT 3 AS m"),
            )),
        ),
        on_users("create materialized view", create_view(stored())),
        on_users(
            "create materialized view without data",
            create_view(stored().columns(["a", "b"]).with_no_data()),
        ),
        on_users("drop view", drop("adults".into(), false)).after(create_view(adults())),
        on_users("drop view if exists, cascade", drop(if_exists("adults").cascade().into(), false)),
        on_users("drop materialized view", drop("adults".into(), true)).after(create_view(stored())),
        on_users("refresh materialized view", refresh(false)).after(create_view(stored())),
        on_users("refresh materialized view concurrently", refresh(true))
            .after(create_view(stored()))
            .after(index("one").on("adults", ["id"]).unique()),
    ]
}

fn create_function(function: Function) -> Operation {
    Operation::CreateFunction(Box::new(function))
}

fn touch() -> Function {
    function("touch", "").returns("trigger").language("plpgsql").body("BEGIN RETURN NEW; END")
}

fn functions() -> Vec<Sample> {
    let add = || {
        function("add", "a integer, b integer DEFAULT length('a, b) =')")
            .returns("integer")
            .body("SELECT a + b")
    };
    let procedure = || function("tidy", "").body("DELETE FROM users WHERE age < 0");
    let drop = |function: Dropped<Function>, procedure| Operation::DropFunction { function, procedure };
    let create = |name: &str, function| Sample::new(name, create_function(function));
    vec![
        create("create function", add()),
        create("create function with options", add().options("IMMUTABLE PARALLEL SAFE")),
        create("create function or replace", add().or_replace()).after(create_function(add())),
        create("create function that replaces another", add().replacing("SELECT a - b"))
            .after(create_function(add())),
        create("create trigger function", touch()),
        create("create function with dollars in its body", {
            let body = "BEGIN RETURN $body$ $body1$ $body1$ $body$ || '$body2'; END";
            function("f", "").returns("text").language("plpgsql").body(body)
        }),
        create(
            "create function that ends in half a tag",
            function("f", "").returns("text").body("SELECT 'a' -- $body"),
        ),
        create("create procedure", procedure()).after(users()),
        Sample::new("drop function", drop("add".into(), false)).after(create_function(add())),
        Sample::new("drop function by its definition", drop(add().into(), false))
            .after(create_function(add())),
        Sample::new("drop function if exists, cascade", drop(if_exists("add").cascade().into(), false)),
        Sample::new("drop procedure", drop(procedure().into(), true))
            .after(users())
            .after(create_function(procedure())),
    ]
}

fn triggers() -> Vec<Sample> {
    let act = || per_dialect().postgres("touch()").sqlite("SELECT 1;").mysql("SET @a = 1");
    let touching = || trigger("users_touch").before().update().on("users").execute(act());
    let create = |trigger: Trigger| Operation::CreateTrigger(Box::new(trigger));
    let on_users =
        |name: &str, operation| Sample::new(name, operation).after(users()).after(create_function(touch()));
    let drop = |trigger: Dropped<Trigger>| Operation::DropTrigger { trigger, table: "users".into() };
    vec![
        on_users("create trigger", create(touching())),
        on_users("create trigger or replace", create(touching().or_replace())).after(create(touching())),
        on_users(
            "create trigger that replaces another",
            create(touching().replacing(touching().when("NEW.age > 1"))),
        ),
        on_users(
            "create trigger for several events",
            create(
                trigger("t").after().insert().update_of(["age", "email"]).delete().on("users").execute(act()),
            ),
        ),
        on_users(
            "create trigger for each statement",
            create(trigger("t").after().truncate().on("users").for_each_statement().execute(act())),
        ),
        on_users("create trigger when", create(touching().when("NEW.age IS NOT NULL OR OLD.age > 0"))),
        on_users(
            "create trigger instead of",
            create(trigger("t").instead_of().insert().on("adults").execute(act())),
        )
        .after(create_view(view("adults", "SELECT id FROM users"))),
        on_users("drop trigger", drop("users_touch".into())).after(create(touching())),
        on_users("drop trigger by its definition", drop(touching().into())).after(create(touching())),
        on_users("drop trigger if exists, cascade", drop(if_exists("no_such").cascade().into())),
    ]
}

fn sequences() -> Vec<Sample> {
    let create = Operation::CreateSequence;
    vec![
        Sample::new("create sequence", create(sequence("invoice_number"))),
        Sample::new(
            "create sequence with everything",
            create(
                sequence(("app", "counter"))
                    .type_(SmallInt)
                    .start(-3)
                    .increment(-1)
                    .min(-100)
                    .max(-1)
                    .cache(10)
                    .cycle()
                    .if_not_exists()
                    .owned_by(("app", "t"), "id"),
            ),
        )
        .after(schema("app"))
        .after(table(("app", "t")).column(column("id", BigInt))),
        Sample::new("drop sequence", Operation::DropSequence("s".into())).after(create(sequence("s"))),
        Sample::new(
            "drop sequence if exists, cascade",
            Operation::DropSequence(if_exists("s").cascade().into()),
        ),
        Sample::new("rename sequence", Operation::RenameSequence { from: "s".into(), to: "r".to_owned() })
            .after(create(sequence("s"))),
    ]
}

fn extensions() -> Vec<Sample> {
    let create = Operation::CreateExtension;
    vec![
        Sample::new("create extension", create("pg_trgm".into())),
        Sample::new(
            "create extension with everything",
            create(extension("earthdistance").schema("geo").version("1.1").cascade().if_not_exists()),
        )
        .after(schema("geo")),
        Sample::new("drop extension", Operation::DropExtension("pg_trgm".into()))
            .after(create("pg_trgm".into())),
        Sample::new(
            "drop extension if exists, cascade",
            Operation::DropExtension(if_exists("uuid-ossp").cascade().into()),
        ),
    ]
}

fn schemas() -> Vec<Sample> {
    vec![
        Sample::new("create schema", schema("app")),
        Sample::new(
            "create schema if not exists",
            Operation::CreateSchema { name: "app".to_owned(), if_not_exists: true },
        )
        .after(schema("app")),
        Sample::new("drop schema", Operation::DropSchema("app".into())).after(schema("app")),
        Sample::new(
            "drop schema if exists, cascade",
            Operation::DropSchema(if_exists("app").cascade().into()),
        )
        .after(schema("app"))
        .after(table(("app", "t")).column(column("id", Integer))),
        Sample::new(
            "rename schema",
            Operation::RenameSchema { from: "app".to_owned(), to: "application".to_owned() },
        )
        .after(schema("app")),
    ]
}

fn comments() -> Vec<Sample> {
    use CommentTarget::{
        Column, Constraint, Extension, Function, Index, MaterializedView, Schema, Sequence, Table, Trigger,
        Type, View,
    };
    let comment = |name: &str, on| {
        let comment = comment("It's \\ here");
        Sample::new(format!("comment on {name}"), Operation::Comment { on, comment })
            .after(users().constraint(check("age > 0")).index("idx", ["age"]))
    };
    let adults = || view("adults", "SELECT id FROM users");
    let trigger = trigger("users_touch").before().update().on("users").execute("touch()");
    vec![
        comment("table", Table("users".into())),
        comment("column", Column("users".into(), "age".to_owned())),
        comment("view", View("adults".into())).after(create_view(adults())),
        comment("materialized view", MaterializedView("adults".into()))
            .after(create_view(adults().materialized())),
        comment("index", Index("idx".into())),
        comment("constraint", Constraint("users".into(), "users_check".to_owned())),
        comment("type", Type("mood".into())).after(Operation::CreateEnum(enum_type("mood", ["ok"]))),
        comment("sequence", Sequence("s".into())).after(Operation::CreateSequence(sequence("s"))),
        comment("schema", Schema("app".to_owned())).after(schema("app")),
        comment("extension", Extension("plpgsql".to_owned())),
        comment("function", Function("touch".into(), String::new())).after(create_function(touch())),
        comment("trigger", Trigger("users".into(), "users_touch".to_owned()))
            .after(create_function(touch()))
            .after(Operation::CreateTrigger(Box::new(trigger))),
        Sample::new("comment: none", Operation::Comment { on: Table("users".into()), comment: no_comment() })
            .after(users()),
    ]
}

fn raw() -> Vec<Sample> {
    let grant = sql("GRANT SELECT ON users TO PUBLIC").undo("REVOKE SELECT ON users FROM PUBLIC");
    let per_server = per_dialect().postgres("SELECT 'p'").sqlite("SELECT 's'").mysql("SELECT 'm'");
    vec![
        Sample::new("execute", Operation::Execute(sql("DELETE FROM users; DELETE FROM users")))
            .after(users()),
        Sample::new("execute with undo", Operation::Execute(grant)).after(users()),
        Sample::new("execute per server", Operation::Execute(per_server)),
        Sample::new(
            "step in Rust",
            Operation::Data { description: "count the stars".to_owned(), leaves: Leaves::Traces },
        ),
    ]
}
