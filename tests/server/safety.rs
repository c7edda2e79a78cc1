//! Safety rules with a database at hand: what the catalog says, and upgrades that are refused.

use migrate_core::Options;
use migrate_core::connection::Driver as _;
use migrate_core::plan::Direction;
use migrate_core::prelude::*;
use migrate_core::runner::{Error, RevisionState};
use migrate_core::safety::{Facts, Levels};
use migrate_tests::on_each_server;
use migrate_tests::testkit::{History, Postgres, Step};

fn denying(levels: &str) -> Options {
    Options { safety: levels.parse().unwrap(), allow_tables: true, ..Options::default() }
}

/// A base that creates users, and a change that some rule may not like.
fn users_and(body: fn(&mut Context<'_, AnyConnection>) -> Result<()>) -> History {
    let create = |cx: &mut Context<'_, AnyConnection>| {
        cx.create_table(table("users").column(column("id", BigInt)).column(column("email", Text)))
    };
    // The way back of b1 is not what these tests are about.
    let change = Step::new("b1").on(&["a1"]).up(body).down(|_| Ok(()));
    History::new().with(Step::new("a1").up(create)).with(change).silent()
}

on_each_server! {
    fn an_upgrade_refuses_what_is_denied_and_leaves_everything_as_it_was(database: &Database) {
        let history = || users_and(|cx| cx.drop_column("users", "email"));
        history().migrator().upgrade(&mut database.connect(), "a1").unwrap();
        let migrator = history().migrator().with_options(denying("drop-column=deny"));
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        assert_eq!(
            error.to_string(),
            "a safety rule refused: drop-column in b1 (drop column email from users)"
        );
        let Error::Unsafe { findings } = error else { panic!("{error:?}") };
        assert_eq!(findings.len(), 1);
        assert_eq!(database.ledger(), ["a1 applied"]);
        // Warnings do not refuse, and a downgrade is never refused.
        history().migrator().upgrade(&mut database.connect(), "heads").unwrap();
        migrator.downgrade(&mut database.connect(), "-1").unwrap();
        assert_eq!(database.ledger(), ["a1 applied"]);
    }

    fn what_the_same_run_creates_is_in_nobodys_way(database: &Database) {
        let migrator = users_and(|cx| cx.drop_column("users", "email")).migrator();
        let migrator = migrator.with_options(denying("drop-column=deny,drop-table=deny,set-not-null=deny"));
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
        assert_eq!(database.ledger(), ["a1 applied", "b1 applied"]);
    }
}

#[test]
fn postgres_knows_its_version_rows_keys_and_invalid_indexes() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE SCHEMA app; CREATE TABLE app.users (id bigint PRIMARY KEY, \"E mail\" text, age int, note text, \
         CONSTRAINT filled CHECK (\"E mail\" IS NOT NULL), CONSTRAINT old CHECK (age > 0)); \
         INSERT INTO app.users SELECT n, 'same', 1 FROM generate_series(1, 500) n; \
         ALTER TABLE app.users ADD CONSTRAINT unproven CHECK (note IS NOT NULL) NOT VALID; \
         CREATE INDEX two ON app.users (age, \"E mail\"); CREATE INDEX part ON app.users (note) WHERE age > 1; \
         CREATE INDEX expr ON app.users (age, lower(note), id)",
    );
    database.execute("ANALYZE app.users");
    let mut connection = database.connect();
    connection.batch("CREATE UNIQUE INDEX CONCURRENTLY broken ON app.users (\"E mail\")").unwrap_err();
    let facts = Facts::read(&mut connection).unwrap();
    assert!(facts.version.is_some_and(|version| version >= 12), "{facts:?}");
    let users = Name::from(("app", "users"));
    assert_eq!(facts.rows_of(&users), Some(500));
    let invalid: Vec<_> = facts.invalid_indexes.iter().collect();
    assert_eq!(invalid, [(&("app", "broken").into(), &users)]);
    let not_null = |column| facts.is_not_null(&users, column);
    assert_eq!(["id", "E mail", "age", "note"].map(not_null), [true, true, false, false]);
    let is_indexed = |columns: &[&str]| {
        let columns: Vec<_> = columns.iter().map(ToString::to_string).collect();
        facts.is_indexed(&users, &columns)
    };
    assert!(is_indexed(&["id"]) && is_indexed(&["E mail", "age"]) && is_indexed(&["age"]));
    assert!(!is_indexed(&["E mail"]) && !is_indexed(&["note"]) && !is_indexed(&["age", "id"]));
}

#[test]
fn an_invalid_index_that_is_there_is_found_and_a_proof_that_is_there_counts() {
    let database = Postgres::shared().database();
    database
        .execute("CREATE TABLE users (id bigint, email text CONSTRAINT filled CHECK (email IS NOT NULL))");
    database.execute("INSERT INTO users VALUES (1, 'a'), (2, 'a')");
    let mut connection = database.connect();
    connection.batch("CREATE UNIQUE INDEX CONCURRENTLY broken ON users (email)").unwrap_err();
    let migrator = users_and(|cx| {
        cx.set_not_null("users", "email")?;
        cx.set_not_null("users", "id")
    });
    let migrator =
        migrator.migrator().with_options(denying("all=allow,invalid-index=warn,set-not-null=warn"));
    let facts = Facts::read(&mut connection).unwrap();
    let found = migrator.safety(["b1"], Dialect::Postgres, Direction::Upgrade, &facts);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "invalid-index in b1 (alter column email of users)",
            "set-not-null in b1 (alter column id of users)"
        ]
    );
}

#[test]
fn without_a_denied_rule_no_body_is_asked_beforehand() {
    let database = Postgres::shared().database();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    let step = Step::new("a1").up(move |_| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    });
    let migrator = History::new().with(step).silent().migrator();
    assert!(!Levels::default().denies_any());
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 1);
    let status = migrator.status(&mut database.connect()).unwrap();
    assert_eq!(status.in_state(RevisionState::Applied).count(), 1);
}

#[test]
fn postgres_knows_what_goes_with_a_table_unsaid() {
    let database = Postgres::shared().database();
    database.execute(
        "CREATE TABLE users (id int PRIMARY KEY, age int, \"E mail\" text, number serial) WITH (fillfactor = 50);
         ALTER TABLE users ADD CONSTRAINT both_of_them UNIQUE (id, \"E mail\");
         CREATE INDEX by_hand ON users (lower(\"E mail\")) WHERE age > 1;
         ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY own_rows ON users USING (age > 1);
         ALTER TABLE users REPLICA IDENTITY FULL; CREATE STATISTICS together ON id, age FROM users;
         CREATE SEQUENCE counter OWNED BY users.age; GRANT SELECT ON users TO PUBLIC; GRANT UPDATE (age) ON users TO PUBLIC;
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public
             AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE RULE no_deletes AS ON DELETE TO users DO INSTEAD NOTHING; COMMENT ON COLUMN users.age IS 'in years';
         CREATE PUBLICATION everywhere FOR TABLE users;
         CREATE VIEW old WITH (security_barrier = true) AS SELECT id FROM users",
    );
    let facts = Facts::read(&mut database.connect()).unwrap();
    let on =
        |name: &str| -> Vec<String> { facts.attached_to(&name.into()).map(ToString::to_string).collect() };
    assert_eq!(
        on("users"),
        [
            "index by_hand",
            "constraint both_of_them",
            "constraint users_pkey",
            "trigger touched",
            "policy own_rows",
            "rule no_deletes",
            "statistics together",
            "sequence counter",
            "the privileges of PUBLIC",
            "the privileges of PUBLIC",
            "its comment",
            "its replica identity",
            "row level security",
            "option fillfactor=50",
            "its place in publication everywhere",
        ]
    );
    let of_age: Vec<_> = facts.attached_to(&"users".into()).filter(|it| it.columns.contains("age")).collect();
    assert_eq!(of_age.len(), 5, "{of_age:?}");
    assert_eq!(on("old"), ["option security_barrier=true"]);
    let attributes: Vec<_> =
        facts.attributes[&("public", "touch").into()].iter().map(String::as_str).collect();
    assert_eq!(attributes, ["SECURITY DEFINER", "SET search_path", "STABLE"]);
}

on_each_server! {
    fn what_is_denied_is_told_from_the_database_as_it_is(database: &Database) {
        let dropping = |cx: &mut Context<'_, AnyConnection>| cx.drop_column("users", column("email", Text));
        let migrator = users_and(dropping).migrator();
        migrator.upgrade(&mut database.connect(), "a1").unwrap();
        let migrator = migrator.with_options(denying("unsaid-loss=deny"));
        database.execute("CREATE INDEX by_hand ON users (email)");
        let error = migrator.upgrade(&mut database.connect(), "heads").unwrap_err();
        let Error::Unsafe { findings } = error else { panic!("{error:?}") };
        assert!(findings[0].finding.danger.ends_with("brings it back: index by_hand"), "{findings:?}");
        database.execute("DROP INDEX by_hand");
        migrator.upgrade(&mut database.connect(), "heads").unwrap();
    }
}

#[test]
fn a_denied_rule_takes_the_word_of_a_constraint_that_was_validated() {
    let database = Postgres::shared().database();
    let migrator = users_and(|cx| cx.set_not_null("users", "email")).migrator();
    migrator.upgrade(&mut database.connect(), "a1").unwrap();
    database.execute("INSERT INTO users VALUES (1, 'a'); ALTER TABLE users ADD CONSTRAINT filled CHECK (email IS NOT NULL)");
    let migrator = migrator.with_options(denying("set-not-null=deny"));
    migrator.upgrade(&mut database.connect(), "heads").unwrap();
}
