//! The measured facts as operations.

use migrate_core::operation::*;
use migrate_core::prelude::{BigInt, BigSerial, Integer, Jsonb, Text, Timestamptz, Uuid};

/// The operations that do what a fact is about; `None` if there are none that do.
pub(super) fn operations(section: &str, title: &str) -> Option<Vec<Operation>> {
    match section {
        "Columns" => columns(title),
        "Defaults and NOT NULL" => not_null(title),
        "Column types" => types(title).or_else(|| enums(title)),
        "CHECK, UNIQUE, PRIMARY KEY, EXCLUDE" => constraints(title),
        "Foreign keys" => foreign_keys(title),
        "Indexes" => indexes(title),
        "Tables, triggers, policies" => tables(title),
        "Partitions" => partitions(title),
        "Views and sequences" => views(title),
        "Settings and comments" => comments(title),
        "Rows" => changes_of_rows(title),
        _ => None,
    }
}

/// What no operation does: SQL as text, whose effect nobody predicts, does.
pub(super) const INEXPRESSIBLE: &[(&str, &str)] = &[
    ("Columns", "make a generated column a plain one"),
    ("Columns", "change the expression of a stored generated column"),
    ("Defaults and NOT NULL", "add NOT NULL as a constraint that is NOT VALID"),
    ("Defaults and NOT NULL", "validate a NOT NULL constraint"),
    ("Column types", "use a new value of an enum in the same transaction"),
    ("Column types", "add a CHECK to a domain in use"),
    ("Column types", "add a CHECK that is NOT VALID to a domain in use"),
    ("Column types", "validate a CHECK of a domain"),
    ("CHECK, UNIQUE, PRIMARY KEY, EXCLUDE", "add a CHECK that is NOT ENFORCED"),
    ("Foreign keys", "add a foreign key that is NOT ENFORCED"),
    ("Foreign keys", "make a foreign key deferrable"),
    ("Indexes", "set a parameter of an index"),
    ("Tables, triggers, policies", "create a table like another"),
    ("Tables, triggers, policies", "create a table from a query"),
    ("Tables, triggers, policies", "move a table to another schema"),
    ("Tables, triggers, policies", "change the owner of a table"),
    ("Tables, triggers, policies", "truncate a table"),
    ("Tables, triggers, policies", "truncate a table and those that refer to it"),
    ("Tables, triggers, policies", "cluster a table"),
    ("Tables, triggers, policies", "VACUUM FULL"),
    ("Tables, triggers, policies", "VACUUM"),
    ("Tables, triggers, policies", "ANALYZE"),
    ("Tables, triggers, policies", "make a table unlogged"),
    ("Tables, triggers, policies", "make a table logged"),
    ("Tables, triggers, policies", "disable a trigger"),
    ("Tables, triggers, policies", "rename a trigger"),
    ("Tables, triggers, policies", "enable row level security"),
    ("Tables, triggers, policies", "create a policy"),
    ("Tables, triggers, policies", "drop a policy"),
    ("Tables, triggers, policies", "grant and revoke"),
    ("Partitions", "create an index on the parent only"),
    ("Partitions", "attach an index of a partition"),
    ("Partitions", "create a partition"),
    ("Partitions", "attach a partition"),
    ("Partitions", "attach a partition after a validated CHECK"),
    ("Partitions", "attach a partition beside a default partition"),
    ("Partitions", "detach a partition"),
    ("Partitions", "detach a partition concurrently"),
    ("Views and sequences", "rename a view"),
    ("Views and sequences", "rename a materialized view"),
    ("Views and sequences", "change a sequence"),
    ("Views and sequences", "restart a sequence"),
    ("Views and sequences", "give a sequence to a column"),
    ("Settings and comments", "set the statistics target"),
    ("Settings and comments", "set n_distinct"),
    ("Settings and comments", "set the fillfactor"),
    ("Settings and comments", "set autovacuum's parameters"),
    ("Settings and comments", "set the storage"),
    ("Settings and comments", "set the compression"),
    ("Settings and comments", "set the replica identity"),
    ("Settings and comments", "choose the index to cluster by"),
    ("Settings and comments", "create extended statistics"),
    ("Settings and comments", "drop extended statistics"),
    ("Rows", "read"),
    ("Rows", "read and lock rows"),
    ("Rows", "update one row"),
    ("Rows", "update all rows"),
];

#[expect(clippy::unnecessary_wraps, reason = "it stands in the arms of a match, most of which have one")]
fn alter_table(table: &str, changes: impl IntoIterator<Item = TableChange>) -> Option<Vec<Operation>> {
    let changes = changes.into_iter().collect();
    Some(vec![Operation::AlterTable(AlterTable { table: table.into(), changes })])
}

fn change(table: &str, name: &str, change: ColumnChange) -> Option<Vec<Operation>> {
    let change = TableChange::AlterColumn { column: name.to_owned(), change: Box::new(change) };
    alter_table(table, [change])
}

fn retype(table: &str, name: &str, type_: impl Into<ColumnType>) -> Option<Vec<Operation>> {
    change(table, name, alter().type_(type_))
}

fn constrain(table: &str, constraint: impl Into<Constraint>) -> Option<Vec<Operation>> {
    alter_table(table, [TableChange::AddConstraint(Box::new(constraint.into()))])
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in the arms of a match, most of which have one")]
fn one(operation: impl Into<Operation>) -> Option<Vec<Operation>> {
    Some(vec![operation.into()])
}

fn columns(title: &str) -> Option<Vec<Operation>> {
    let add = |column: Column| alter_table("users", [column.into()]);
    let drop = |table, column: Dropped<Column>| alter_table(table, [TableChange::DropColumn(column)]);
    let rename = || {
        alter_table("users", [TableChange::RenameColumn { from: "bio".to_owned(), to: "about".to_owned() }])
    };
    let always = Identity { always: true, ..Identity::default() };
    let domain_of_email = "split_part(email, '@', 2)";
    match title {
        "add a column" => add(column("note", Text)),
        "add a column with a constant default" => add(column("note", Text).default("none")),
        "add a NOT NULL column with a constant default" => {
            add(column("logins", Integer).not_null().default(0))
        }
        "add a column with a default that is stable" => {
            add(column("created_at", Timestamptz).not_null().default(now()))
        }
        "add a column with a default that is volatile (a random UUID)" => {
            add(column("token", Uuid).default(expression("gen_random_uuid()")))
        }
        "add a column with a default that is volatile (the clock)" => {
            add(column("created_at", Timestamptz).default(expression("clock_timestamp()")))
        }
        "add a serial column" => add(column("number", BigSerial)),
        "add an identity column" => add(column("number", BigInt).identity_always()),
        "add a stored generated column" => add(column("domain", Text).generated(domain_of_email)),
        "add a virtual generated column" => add(column("domain", Text).generated_virtual(domain_of_email)),
        "add a column of an enum" => add(column("second", named_type("mood")).default("sad")),
        "add a column of a domain with a CHECK" => add(column("note", named_type("short_text"))),
        "add a column with a CHECK" => add(column("height", Integer).check("height > 0")),
        "add a column that is UNIQUE" => add(column("login", Text).unique()),
        "add a column that refers to another table" => add(column("leads", BigInt).references("teams", "id")),
        "add a column with a default that refers to another table" => {
            add(column("leads", BigInt).default(1).references("teams", "id"))
        }
        "add a column that is there, IF NOT EXISTS" => add(column("bio", Text).if_not_exists()),
        "drop a column" => drop("users", "bio".into()),
        "drop a column that has an index" => drop("users", "nickname".into()),
        "drop a column that refers to another table" => drop("memberships", "user_id".into()),
        "drop a column that is not there, IF EXISTS" => drop("users", if_exists("absent").into()),
        "drop a column that a view shows" => drop("users", cascade("bio").into()),
        "rename a column that a view shows" | "rename a column" => rename(),
        "make a column an identity" => {
            change("users", "id", ColumnChange { identity: Some(Some(always)), ..alter() })
        }
        "change an identity" => {
            let was = column("id", BigInt).identity();
            change("memberships", "id", ColumnChange { identity: Some(Some(always)), ..alter() }.was(was))
        }
        "drop an identity" => change("memberships", "id", alter().drop_identity()),
        _ => None,
    }
}

fn not_null(title: &str) -> Option<Vec<Operation>> {
    match title {
        "set a default" => change("users", "bio", alter().default("")),
        "set a default that is volatile" => {
            change("users", "seen_at", alter().default(expression("clock_timestamp()")))
        }
        "drop a default" => change("users", "score", alter().drop_default()),
        "set NOT NULL"
        | "set NOT NULL after a validated CHECK"
        | "set NOT NULL after a CHECK that is NOT VALID" => change("users", "bio", alter().not_null()),
        "set NOT NULL and drop the CHECK that proves it, in one statement" => alter_table(
            "users",
            [
                TableChange::AlterColumn { column: "bio".to_owned(), change: Box::new(alter().not_null()) },
                TableChange::DropConstraint("bio_there".into()),
            ],
        ),
        "set NOT NULL where it is already" => change("users", "email", alter().not_null()),
        "drop NOT NULL" => change("users", "email", alter().nullable()),
        _ => None,
    }
}

fn types(title: &str) -> Option<Vec<Operation>> {
    match title {
        "a longer varchar" => retype("users", "email", varchar(200)),
        "a shorter varchar" => retype("users", "email", varchar(50)),
        "varchar to text" => retype("users", "nickname", Text),
        "text to varchar(n)" => retype("users", "bio", varchar(500)),
        "text to varchar without a length" | "another type of a column that a view shows" => {
            retype("users", "bio", custom("varchar"))
        }
        "text to a domain without a CHECK" => retype("users", "bio", named_type("plain")),
        "text to a domain with a CHECK" => retype("users", "bio", named_type("short_text")),
        "numeric of more digits, same scale" => retype("users", "score", decimal(12, 2)),
        "numeric without limits" => retype("users", "score", ColumnType::Numeric),
        "numeric of another scale" => retype("users", "score", decimal(12, 4)),
        "integer to bigint" => retype("users", "age", BigInt),
        "integer to text" => retype("users", "age", Text),
        "text to jsonb" => change("users", "bio", alter().type_(Jsonb).using("to_jsonb(bio)")),
        "an enum to text" => retype("users", "mood", Text),
        "timestamp to timestamptz, TimeZone UTC"
        | "timestamp to timestamptz, another TimeZone"
        | "timestamp to timestamptz, TimeZone UTC, with an index" => retype("users", "seen_at", Timestamptz),
        "a longer varchar with a CHECK on it" | "a longer varchar with a partial index on it" => {
            retype("users", "bio", varchar(200))
        }
        "another type of a key that others refer to" => retype("users", "id", ColumnType::Numeric),
        "another type of a column that refers" => retype("memberships", "user_id", Integer),
        "the same type" => retype("users", "bio", Text),
        "another collation" | "another collation with an index" => {
            change("users", "bio", alter().type_(Text).collate("C"))
        }
        _ => None,
    }
}

fn enums(title: &str) -> Option<Vec<Operation>> {
    match title {
        "add a value to an enum" => {
            one(Operation::AddEnumValue { name: "mood".into(), value: enum_value("calm").before("glad") })
        }
        "use a new value of an enum that is itself new in the transaction" => {
            let weather = enum_type("weather", ["rain"]);
            let added = column("weather", weather.clone()).default("sun");
            Some(vec![
                Operation::CreateEnum(weather),
                Operation::AddEnumValue { name: "weather".into(), value: "sun".into() },
                Operation::alter("users", added.into()),
            ])
        }
        "rename an enum" => one(Operation::RenameEnum { from: "mood".into(), to: "feeling".to_owned() }),
        "rename a value of an enum" => one(Operation::RenameEnumValue {
            name: "mood".into(),
            from: "sad".to_owned(),
            to: "blue".to_owned(),
        }),
        "replace an enum by another" => one(Operation::ReplaceEnum(Box::new(
            replace_enum(enum_type("mood", ["glad"])).column("users", "mood"),
        ))),
        "drop an enum and the columns of it" => one(Operation::DropEnum(cascade("mood").into())),
        _ => None,
    }
}

fn constraints(title: &str) -> Option<Vec<Operation>> {
    let of_age = || check("age >= 0").named("of_age");
    let validate = |table, name: &str| alter_table(table, [TableChange::ValidateConstraint(name.to_owned())]);
    let drop = |table, constraint: Dropped<Constraint>| {
        alter_table(table, [TableChange::DropConstraint(constraint)])
    };
    let by_index = |index: &str| primary_key([""; 0]).using_index(index);
    match title {
        "add a CHECK" => constrain("users", of_age()),
        "add a CHECK that is NOT VALID" => constrain("users", of_age().not_valid()),
        "validate a CHECK" => validate("users", "of_age"),
        "validate what is valid" => validate("memberships", "memberships_role"),
        "drop a CHECK" => drop("memberships", "memberships_role".into()),
        "rename a constraint" => alter_table(
            "memberships",
            [TableChange::RenameConstraint {
                from: "memberships_role".to_owned(),
                to: "role_there".to_owned(),
            }],
        ),
        "add UNIQUE" => constrain("users", unique(["bio"])),
        "add UNIQUE NULLS NOT DISTINCT" => constrain("users", unique(["bio"]).nulls_not_distinct()),
        "add UNIQUE from an index" => {
            constrain("users", unique([""; 0]).named("one_email").using_index("users_email"))
        }
        "add a PRIMARY KEY" => constrain("events_march", primary_key(["id"])),
        "add a PRIMARY KEY on a column that may be NULL" => constrain("loose", primary_key(["id"])),
        "add a PRIMARY KEY from an index" => constrain("events_march", by_index("march_id")),
        "add a PRIMARY KEY from an index, on a column that may be NULL" => {
            constrain("loose", by_index("loose_id"))
        }
        "add EXCLUDE" => {
            let nothing: [(&str, &str); 0] = [];
            constrain("users", exclude(nothing).expression("tsrange(seen_at, seen_at, '[]')", "&&"))
        }
        "drop UNIQUE" => drop("users", "one_email".into()),
        "drop a PRIMARY KEY" => drop("teams", "teams_pkey".into()),
        "drop a PRIMARY KEY with the foreign keys that refer to it" => {
            drop("users", cascade("users_pkey").into())
        }
        _ => None,
    }
}

fn foreign_keys(title: &str) -> Option<Vec<Operation>> {
    let to_teams = |column: &str| foreign_key([column], "teams", [""; 0]).named("of_team");
    let to_itself = || foreign_key(["id"], "users", [""; 0]).named("users_self");
    match title {
        "add a foreign key" => constrain("users", to_teams("team_id")),
        "add a foreign key that is NOT VALID" => constrain("users", to_teams("team_id").not_valid()),
        "validate a foreign key" => {
            alter_table("users", [TableChange::ValidateConstraint("users_team".to_owned())])
        }
        "add a foreign key into the table itself" => constrain("users", to_itself()),
        "add a foreign key into the table itself that is NOT VALID" => {
            constrain("users", to_itself().not_valid())
        }
        "add a column and a foreign key on it, in one statement" => alter_table(
            "users",
            [column("leads", BigInt).into(), TableChange::AddConstraint(Box::new(to_teams("leads").into()))],
        ),
        "drop a foreign key" => {
            alter_table("memberships", [TableChange::DropConstraint("memberships_user".into())])
        }
        "rename a foreign key" => alter_table(
            "memberships",
            [TableChange::RenameConstraint { from: "memberships_user".to_owned(), to: "member".to_owned() }],
        ),
        "create a table with a foreign key" => one(table("badges")
            .column(column("id", BigInt).primary_key())
            .column(column("user_id", BigInt).references("users", "id"))),
        "drop a table that has a foreign key" => one(Operation::DropTable("memberships".into())),
        "drop a table that others refer to" => one(Operation::DropTable(cascade("users").into())),
        _ => None,
    }
}

fn indexes(title: &str) -> Option<Vec<Operation>> {
    let of = |keys: Vec<IndexKey>| index("added").on("users", keys);
    let age = || of(vec![key("age")]);
    let drop = |index: Dropped<Index>| one(Operation::DropIndex { index, table: "users".into() });
    let reindex = |target, concurrently| one(Operation::Reindex { target, concurrently });
    let (nickname, users) =
        (ReindexTarget::Index("users_nickname".into()), ReindexTarget::Table("users".into()));
    match title {
        "create an index" => one(age()),
        "create a unique index" => one(of(vec![key("id"), key("age")]).unique()),
        "create a partial index" => one(age().filter("age > 80")),
        "create an index on an expression" => one(of(vec![key_expression("lower(email)")])),
        "create a GIN index" => one(of(vec![key("tags")]).gin()),
        "create a GiST index" => one(of(vec![key_expression("tsrange(seen_at, NULL)")]).gist()),
        "create a BRIN index" => one(of(vec![key("seen_at")]).brin()),
        "create a hash index" => one(of(vec![key("email")]).using("hash")),
        "create an index that is there, IF NOT EXISTS" => {
            one(index("users_nickname").on("users", ["nickname"]).if_not_exists())
        }
        "create an index concurrently" | "create an index concurrently, in a transaction" => {
            one(age().concurrently())
        }
        "drop an index" => drop("users_nickname".into()),
        "drop an index concurrently" => drop(concurrently("users_nickname").into()),
        "drop an index that is not there, IF EXISTS" => drop(if_exists("absent").into()),
        "rename an index" => one(Operation::RenameIndex {
            table: "users".into(),
            from: "users_nickname".to_owned(),
            to: "users_nick".to_owned(),
        }),
        "rebuild an index" => reindex(nickname, false),
        "rebuild the indexes of a table" => reindex(users, false),
        "rebuild an index concurrently" => reindex(nickname, true),
        "rebuild the indexes of a table concurrently" => reindex(users, true),
        _ => None,
    }
}

fn tables(title: &str) -> Option<Vec<Operation>> {
    let touched = || trigger("touched").before().update().on("users").execute("touch()");
    match title {
        "create a table" => one(table("badges")
            .column(column("id", BigInt).primary_key())
            .column(column("name", Text).unique())),
        "create a table that is there, IF NOT EXISTS" => {
            one(table("users").column(column("id", Integer)).if_not_exists())
        }
        "drop a table that is not there, IF EXISTS" => one(Operation::DropTable(if_exists("absent").into())),
        "drop a table" => one(Operation::DropTable("teams".into())),
        "rename a table" => one(Operation::RenameTable { from: "users".into(), to: "people".to_owned() }),
        "drop a schema and what is in it" => one(Operation::DropSchema(cascade("archive").into())),
        "rename a schema" => {
            one(Operation::RenameSchema { from: "archive".to_owned(), to: "attic".to_owned() })
        }
        "create a trigger" => one(Operation::CreateTrigger(Box::new(touched()))),
        "replace a trigger" => one(Operation::CreateTrigger(Box::new(touched().or_replace()))),
        "drop a trigger" => one(Operation::DropTrigger { trigger: "touched".into(), table: "users".into() }),
        "create a function" => {
            let counting = function("one", "").returns("integer").body("SELECT count(*)::integer FROM users");
            one(Operation::CreateFunction(Box::new(counting)))
        }
        "replace a trigger's function" => {
            let touch = function("touch", "").returns("trigger").language("plpgsql");
            one(Operation::CreateFunction(Box::new(touch.body("BEGIN RETURN OLD; END").or_replace())))
        }
        "drop a function with its triggers" => {
            one(Operation::DropFunction { function: cascade("touch").into(), procedure: false })
        }
        _ => None,
    }
}

fn partitions(title: &str) -> Option<Vec<Operation>> {
    match title {
        "add a column" => alter_table("events", [column("note", Text).into()]),
        "set NOT NULL" => change("notes", "text", alter().not_null()),
        "create an index on all partitions" => one(index("events_id").on("events", ["id"])),
        "create an index on the parent concurrently" => {
            one(index("events_id").on("events", ["id"]).concurrently())
        }
        "drop a partition" => one(Operation::DropTable("events_january".into())),
        "add a foreign key that refers to a partitioned table" => {
            constrain("users", foreign_key(["team_id", "seen_on"], "events", ["id", "at"]))
        }
        _ => None,
    }
}

fn views(title: &str) -> Option<Vec<Operation>> {
    let create = |view: View| one(Operation::CreateView(Box::new(view)));
    let drop = |name: &str, materialized| one(Operation::DropView { view: name.into(), materialized });
    let refresh = |concurrently| one(Operation::RefreshView { name: "team_sizes".into(), concurrently });
    match title {
        "create a view" => create(view("old_users", "SELECT id FROM users WHERE age > 80")),
        "replace a view" => create(view("old_users", "SELECT id FROM users WHERE age > 70").or_replace()),
        "drop a view" => drop("old_users", false),
        "create a materialized view" => {
            create(view("ages", "SELECT age, count(*) FROM users GROUP BY age").materialized())
        }
        "refresh a materialized view" => refresh(false),
        "refresh a materialized view concurrently" => refresh(true),
        "create an index on a materialized view" => one(index("by_members").on("team_sizes", ["members"])),
        "drop a materialized view" => drop("team_sizes", true),
        "create a sequence" => one(Operation::CreateSequence(sequence("numbers"))),
        "rename a sequence" => {
            one(Operation::RenameSequence { from: "memberships_id_seq".into(), to: "numbers".to_owned() })
        }
        "drop a sequence" => one(Operation::DropSequence("numbers".into())),
        _ => None,
    }
}

fn comments(title: &str) -> Option<Vec<Operation>> {
    use CommentTarget::*;
    let on = match title {
        "comment on a table" => Table("users".into()),
        "comment on a column" => Column("users".into(), "bio".to_owned()),
        "comment on an index" => Index("users_nickname".into()),
        "comment on a constraint" => Constraint("memberships".into(), "memberships_role".to_owned()),
        "comment on a view" => View("bios".into()),
        "comment on a sequence" => Sequence("memberships_id_seq".into()),
        "comment on a function" => Function("touch".into(), String::new()),
        "comment on a materialized view" => MaterializedView("team_sizes".into()),
        "comment on a trigger" => Trigger("users".into(), "touched".to_owned()),
        "comment on a type" => Type("mood".into()),
        _ => return None,
    };
    one(Operation::Comment { on, comment: "seen".into() })
}

fn changes_of_rows(title: &str) -> Option<Vec<Operation>> {
    match title {
        "insert" => one(Operation::InsertRows(rows("teams", ["id", "name"]).row((1000, "new")))),
        "insert into a table with a foreign key" => {
            one(Operation::InsertRows(rows("memberships", ["user_id", "role"]).row((1, "x"))))
        }
        "delete from a table that others refer to" => {
            one(Operation::DeleteRows(rows("users", ["id"]).row((2999,)).key(["id"])))
        }
        _ => None,
    }
}
