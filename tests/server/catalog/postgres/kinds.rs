//! Every kind of object.

use migrate_core::catalog::{
    Action, Catalog, Constraint, Deferrable, Extension, ForeignServer, FunctionKind, FunctionName,
    GeneratedKind, IdentityKind, Index, IndexKey, IndexTarget, Match, Nulls, ObjectName, Order, PartitionOf,
    PolicyCommand, ReplicaIdentity, SequenceOptions, Table, TriggerState,
};
use migrate_tests::testkit::Postgres;

use super::{app, catalog, column, public, rich, with};

fn users(catalog: &Catalog) -> &Table {
    &catalog.tables[&public("users")]
}

fn named<'c, R>(constraints: &'c [Constraint<R>], name: &str) -> &'c Constraint<R> {
    constraints.iter().find(|constraint| constraint.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn columns() {
    let catalog = catalog(&rich());
    let users = users(&catalog);
    let names: Vec<_> = users.columns.iter().map(|column| &*column.name).collect();
    assert_eq!(names[..4], ["id", "email", "Display Name", "mood"]);
    let expected = [
        ("email", "character varying(255), nullable true -> false, comment none -> Where letters go"),
        ("Display Name", "text, default none -> 'it''s \\ you'::text, collation none -> \"C\""),
        ("homes", "app.place[], default none -> '{}'::app.place[]"),
        ("price", "numeric(10,2), default none -> 0.10"),
        ("born", "date, default none -> '2001-02-03'::date"),
        (
            "seen",
            "timestamp with time zone, default none -> '2001-02-03 04:05:06+00'::timestamp with time zone",
        ),
        ("wait", "interval, default none -> '1 day 02:00:00'::interval"),
        ("document", "jsonb, nullable true -> false, default none -> '{}'::jsonb"),
        ("tags", "text[], storage none -> external, statistics none -> 500"),
        ("attributes", "public.hstore"),
        ("lower_email", "text, generated none -> as (lower((email)::text)) stored"),
        (
            "mood",
            "public.mood, nullable true -> false, default none -> 'sad'::public.mood, \
             options none -> n_distinct=4",
        ),
    ];
    for (name, text) in expected {
        assert_eq!(column(users, name), text, "{name}");
    }
    assert_eq!(users.columns[13].generated.as_ref().unwrap().kind, GeneratedKind::Stored);
    let identity = users.columns[0].identity.as_ref().unwrap();
    assert_eq!(identity.kind, IdentityKind::Always);
    assert_eq!(identity.sequence, Some(public("users_id_seq")));
    let options = identity.options.as_ref().unwrap();
    assert_eq!((options.start, options.increment), (10, 2));
    let memories = &catalog.tables[&app("memories")];
    assert_eq!(memories.columns[0].identity, None);
    assert_eq!(memories.columns[0].default.as_deref(), Some("nextval('app.memories_id_seq'::regclass)"));
}

#[test]
fn constraints() {
    let catalog = catalog(&rich());
    let users = users(&catalog);
    let key = users.primary_key.as_ref().unwrap();
    assert_eq!((key.name.as_deref(), &*key.definition), (Some("users_key"), "PRIMARY KEY (id)"));
    assert_eq!(key.rule.columns, ["id"]);
    let unique = named(&users.uniques, "users_email_key");
    assert_eq!(
        (&*unique.rule.columns, &*unique.rule.include),
        (&["email".to_owned()][..], &["mood".to_owned()][..])
    );
    assert_eq!(unique.deferrable, Deferrable::InitiallyDeferred);
    assert_eq!(unique.comment.as_deref(), Some("One each"));
    let sane = named(&users.checks, "price is sane");
    assert_eq!(sane.rule.expression, "((price >= (0)::numeric) AND (price < (1000000)::numeric))");
    assert!(sane.validated && !sane.rule.no_inherit);
    assert!(named(&users.checks, "born_later").rule.no_inherit);
    assert!(!named(&users.checks, "not_yet").validated);
    let exclusion = named(&users.exclusions, "no_overlap");
    assert_eq!(exclusion.rule.operators, ["=", "&&"]);
    assert_eq!(exclusion.rule.keys, [IndexKey::column("mood"), IndexKey::column("during")]);
    assert_eq!(exclusion.rule.method, "gist");
    assert_eq!(exclusion.rule.predicate.as_deref(), Some("((size)::integer > 1)"));
}

#[test]
fn foreign_keys() {
    let catalog = catalog(&rich());
    let memories = &catalog.tables[&app("memories")];
    let owner = named(&memories.foreign_keys, "memories_owner");
    assert_eq!((&owner.rule.table, &*owner.rule.columns), (&public("users"), &["owner".to_owned()][..]));
    assert_eq!(owner.rule.referenced, ["id"]);
    assert_eq!((owner.rule.on_delete, owner.rule.on_update), (Action::Cascade, Action::Restrict));
    let reader = named(&memories.foreign_keys, "memories_reader_fkey");
    assert_eq!((reader.rule.match_, reader.rule.on_delete), (Match::Full, Action::SetNull));
    assert_eq!(reader.deferrable, Deferrable::InitiallyImmediate);
    let own = named(&memories.foreign_keys, "memories_self");
    assert!(!own.validated);
    assert_eq!(own.rule.referenced, ["id", "owner"]);
    // To a partitioned table it is one key, not one for each partition.
    assert_eq!(catalog.tables[&public("hints")].foreign_keys.len(), 1);
}

#[test]
fn a_foreign_key_that_sets_some_columns_to_null() {
    let database = with(
        "CREATE TABLE a (x integer, y integer, PRIMARY KEY (x, y)); \
         CREATE TABLE b (x integer, y integer, FOREIGN KEY (x, y) REFERENCES a ON DELETE SET NULL (y))",
    );
    let catalog = catalog(&database);
    let rule = &catalog.tables[&public("b")].foreign_keys[0].rule;
    assert_eq!((rule.on_delete, &*rule.on_delete_columns), (Action::SetNull, &["y".to_owned()][..]));
}

#[test]
fn indexes() {
    let catalog = catalog(&rich());
    let users = users(&catalog);
    let key = |name: &str, place: usize| &users.indexes[name].keys[place];
    let lower = &users.indexes["users_lower"];
    assert!(lower.clustered && lower.valid && !lower.unique && lower.constraint.is_none());
    assert_eq!(lower.keys[0].target, IndexTarget::Expression("lower((email)::text)".to_owned()));
    assert_eq!((lower.keys[0].order, lower.keys[0].nulls), (Order::Desc, Nulls::Default));
    assert_eq!(lower.keys[1].collation.as_deref(), Some("\"POSIX\""));
    assert_eq!((lower.keys[1].order, lower.keys[1].nulls), (Order::Asc, Nulls::First));
    assert_eq!((lower.keys[2].order, lower.keys[2].nulls), (Order::Desc, Nulls::Last));
    assert_eq!(users.indexes["users_tags"].method, "gin");
    assert_eq!(users.indexes["users_tags"].options, [("fastupdate".to_owned(), "off".to_owned())].into());
    assert_eq!(key("users_tags", 0).opclass, None);
    assert_eq!(key("users_document", 0).opclass.as_deref(), Some("jsonb_path_ops"));
    assert_eq!(key("users_alike", 0).opclass.as_deref(), Some("app.gist_trgm_ops"));
    assert_eq!(key("users_pattern", 0).opclass.as_deref(), Some("varchar_pattern_ops"));
    let happy = &users.indexes["users_happy"];
    assert!(happy.unique);
    assert_eq!((&*happy.include, happy.comment.as_deref()), (&["id".to_owned()][..], Some("Only the happy")));
    assert_eq!(happy.predicate.as_deref(), Some("(mood = 'happy'::public.mood)"));
    assert_eq!(users.indexes["users_key"].constraint.as_deref(), Some("users_key"));
    assert_eq!(users.indexes["no_overlap"].constraint.as_deref(), Some("no_overlap"));
    assert_eq!(
        catalog.tables[&app("memories")].options.replica_identity,
        ReplicaIdentity::Index("memories_id_owner_key".to_owned())
    );
}

#[test]
fn expressions_of_an_index_are_the_same_alone_and_among_others() {
    let database = with(
        "CREATE TABLE t (a integer, b text); CREATE INDEX one ON t (a, (a + 1)); \
         CREATE INDEX two ON t ((a + 1), b, lower(b), (b::varchar), (a > 1 OR b = ',)'))",
    );
    let catalog = catalog(&database);
    let indexes = &catalog.tables[&public("t")].indexes;
    let expressions = |name: &str| {
        let targets = indexes[name].keys.iter().map(|key| &key.target);
        let text = |target: &IndexTarget| match target {
            IndexTarget::Column(_) => None,
            IndexTarget::Expression(text) => Some(text.clone()),
        };
        targets.filter_map(text).collect::<Vec<_>>()
    };
    assert_eq!(expressions("one"), ["(a + 1)"]);
    assert_eq!(
        expressions("two"),
        ["(a + 1)", "lower(b)", "(b)::character varying", "((a > 1) OR (b = ',)'::text))"]
    );
    assert_eq!(indexes["one"].definition, "CREATE INDEX one ON public.t USING btree (a, ((a + 1)))");
}

#[test]
fn nulls_that_are_not_distinct() {
    let database = with(
        "CREATE TABLE t (a integer, b integer UNIQUE NULLS NOT DISTINCT); \
         CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT",
    );
    let catalog = catalog(&database);
    let table = &catalog.tables[&public("t")];
    assert!(table.uniques[0].rule.nulls_not_distinct);
    assert!(table.indexes["i"].nulls_not_distinct && table.indexes["t_b_key"].nulls_not_distinct);
}

#[test]
fn an_index_that_a_concurrent_build_left_behind_is_invalid() {
    let database = with("CREATE TABLE t (a integer); INSERT INTO t VALUES (1), (1)");
    let mut connection = database.connect();
    let built = diesel::connection::SimpleConnection::batch_execute(
        &mut connection,
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)",
    );
    assert!(built.is_err());
    let catalog = catalog(&database);
    let index: &Index = &catalog.tables[&public("t")].indexes["i"];
    assert!(!index.valid && index.unique);
}

#[test]
fn options_of_tables() {
    let catalog = catalog(&rich());
    let options = |name| &catalog.tables[&public(name)].options;
    let parameters = [("fillfactor", "70"), ("toast.autovacuum_enabled", "false")];
    assert_eq!(
        options("users").parameters,
        parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    );
    assert!(options("users").row_security && options("users").force_row_security);
    assert!(options("cache").unlogged && !options("users").unlogged);
    assert_eq!(options("logs").inherits, [public("cache")]);
    assert_eq!(options("typed").of_type.as_deref(), Some("app.place"));
    let server_options = [("mode", "it's"), ("path", "/a=b")];
    let far = ForeignServer {
        server: "far".to_owned(),
        options: server_options.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    assert_eq!(options("distant").foreign, Some(far));
    assert_eq!(users(&catalog).comment.as_deref(), Some("People\nand others"));
}

#[test]
fn partitions_are_tables_that_say_what_they_have_from_above() {
    let catalog = catalog(&rich());
    let table = |name| &catalog.tables[&public(name)];
    assert_eq!(table("events").options.partition_by.as_deref(), Some("RANGE (at)"));
    let place = |table, bound: &str| Some(PartitionOf { table: public(table), bound: bound.to_owned() });
    let bound = "FOR VALUES FROM ('2001-01-01') TO ('2002-01-01')";
    assert_eq!(table("events_2001").options.partition_of, place("events", bound));
    assert_eq!(table("events_rest").options.partition_of, place("events", "DEFAULT"));
    assert_eq!(table("events_rest").options.partition_by.as_deref(), Some("HASH (id)"));
    let leaf = table("events_rest_a");
    assert!(leaf.columns.iter().all(|column| column.inherited));
    assert!(leaf.primary_key.as_ref().unwrap().inherited);
    assert!(leaf.checks[0].inherited && leaf.foreign_keys[0].inherited);
    assert!(leaf.triggers["partitioned"].inherited && !table("events").triggers["partitioned"].inherited);
    assert_eq!(leaf.indexes["events_rest_a_kind_idx"].partition_of, Some(public("events_rest_kind_idx")));
    assert!(!table("events").primary_key.as_ref().unwrap().inherited);
}

#[test]
fn triggers_rules_and_policies() {
    let catalog = catalog(&rich());
    let memories = &catalog.tables[&app("memories")];
    assert_eq!(memories.triggers.keys().collect::<Vec<_>>(), ["later", "touch"]);
    assert_eq!(
        memories.triggers["touch"].definition,
        "CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF at ON app.memories FOR EACH ROW \
         WHEN ((new.number > 0)) EXECUTE FUNCTION public.touch()"
    );
    assert_eq!(memories.triggers["touch"].comment.as_deref(), Some("Touches"));
    assert_eq!(memories.triggers["later"].state, TriggerState::Disabled);
    assert!(memories.rules["quiet"].definition.contains("DO INSTEAD NOTHING"));
    let policies = &users(&catalog).policies;
    assert_eq!((policies["own"].command, policies["own"].permissive), (PolicyCommand::Update, true));
    assert_eq!(policies["own"].roles, ["public"]);
    assert_eq!(policies["own"].check.as_deref(), Some("((size)::integer > 0)"));
    assert!(!policies["strict"].permissive);
}

#[test]
fn views() {
    let catalog = catalog(&rich());
    let happy = &catalog.views[&public("happy")];
    assert!(happy.definition.contains("FROM public.users"), "{}", happy.definition);
    assert_eq!(happy.options["check_option"], "local");
    assert_eq!(happy.columns[1].comment.as_deref(), Some("Of the happy"));
    assert_eq!(happy.columns[2].default.as_deref(), Some("'happy'::public.mood"));
    assert!(happy.triggers.contains_key("instead") && happy.rules.is_empty());
    let counts = &catalog.materialized_views[&app("counts")];
    assert!(counts.populated && counts.indexes["counts_mood"].unique);
    assert_eq!((&*counts.columns[1].type_, counts.comment.as_deref()), ("bigint", Some("Counted")));
}

#[test]
fn types() {
    let catalog = catalog(&rich());
    let mood = &catalog.enums[&public("mood")];
    assert_eq!(mood.values, ["sad", "it's \"ok\"", "calm", "happy"]);
    assert_eq!(mood.comment.as_deref(), Some("How one feels"));
    assert!(catalog.enums[&app("nothing")].values.is_empty());
    let positive = &catalog.domains[&app("positive")];
    assert_eq!((&*positive.type_, positive.nullable), ("integer", false));
    assert_eq!(
        (positive.default.as_deref(), &*positive.checks[0].definition),
        (Some("1"), "CHECK ((VALUE > 0))")
    );
    assert_eq!(catalog.domains[&public("code")].collation.as_deref(), Some("\"C\""));
    assert_eq!(catalog.domains[&public("code")].checks.len(), 2);
    let place = &catalog.composites[&app("place")];
    assert_eq!(
        (place.comment.as_deref(), place.attributes[0].comment.as_deref()),
        (Some("Where"), Some("East"))
    );
    assert_eq!(place.attributes[1].type_, "numeric(10,2)");
}

#[test]
fn sequences_but_for_those_of_identities() {
    let catalog = catalog(&rich());
    let names: Vec<_> = catalog.sequences.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["app.memories_id_seq", "app.tickets"]);
    let tickets = &catalog.sequences[&app("tickets")];
    let options = SequenceOptions {
        type_: "integer".to_owned(),
        start: 100,
        increment: -5,
        min: -1000,
        max: 1000,
        cache: 7,
        cycle: true,
    };
    assert_eq!((&tickets.options, tickets.comment.as_deref()), (&options, Some("Downwards")));
    let owner = catalog.sequences[&app("memories_id_seq")].owned_by.as_ref().unwrap();
    assert_eq!(owner.to_string(), "app.memories.id");
}

#[test]
fn functions_by_name_and_arguments() {
    let catalog = catalog(&rich());
    let names: Vec<_> = catalog
        .functions
        .keys()
        .filter(|name| name.name.schema.as_deref() != Some("We.ird \"schema\""))
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        names,
        [
            "app.product(double precision)",
            "app.tidy(boolean)",
            "app.twice(integer, integer)",
            "app.twice(text)",
            "public.feel(public.mood, app.place[])",
            "public.touch()",
        ]
    );
    let function = |name: ObjectName, arguments: &str| {
        &catalog.functions[&FunctionName { name, arguments: arguments.to_owned() }]
    };
    let feel = function(public("feel"), "public.mood, app.place[]");
    assert_eq!((feel.returns.as_deref(), &*feel.language), (Some("SETOF public.mood"), "plpgsql"));
    assert!(feel.definition.contains("SET search_path TO 'app', 'public'"));
    assert_eq!(feel.comment.as_deref(), Some("Feels"));
    let tidy = function(app("tidy"), "boolean");
    assert_eq!((tidy.kind, tidy.returns.as_deref()), (FunctionKind::Procedure, None));
    let product = function(app("product"), "double precision");
    assert_eq!(product.kind, FunctionKind::Aggregate);
    // The text is ours, so the server must take it.
    with("CREATE SCHEMA app").execute(&product.definition);
}

#[test]
fn what_belongs_to_an_extension_is_not_listed() {
    let database = rich();
    let catalog = catalog(&database);
    let hstore = Extension {
        schema: "public".to_owned(),
        version: catalog.extensions["hstore"].version.clone(),
        comment: catalog.extensions["hstore"].comment.clone(),
    };
    assert_eq!(catalog.extensions["hstore"], hstore);
    assert_eq!(catalog.extensions["pg_trgm"].schema, "app");
    let foreign = "SELECT count(*)::text FROM pg_proc WHERE pronamespace = 'app'::regnamespace AND proname = 'similarity'";
    assert_eq!(database.one(foreign), "1");
    assert!(
        !catalog.functions.keys().any(|name| name.name.name == "similarity" || name.name.name == "akeys")
    );
    // An extension's own table, view and sequence.
    let plain = Postgres::shared().database();
    let before = super::catalog(&plain);
    plain.execute("CREATE EXTENSION pg_buffercache");
    assert_eq!(plain.one("SELECT count(*)::text FROM pg_class WHERE relname = 'pg_buffercache'"), "1");
    assert_eq!(before.difference(&super::catalog(&plain)).to_string(), "+ extension pg_buffercache\n");
}
