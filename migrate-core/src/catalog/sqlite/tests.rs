use diesel::{Connection as _, SqliteConnection};

use crate::catalog::{
    Action, Catalog, Deferrable, GeneratedKind, IdentityKind, IndexTarget, ObjectName, Order, Scope, Table,
    read, statistics,
};
use crate::connection::Driver as _;
use crate::sqlite::{Edit, rebuild};

fn database(script: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch(script).unwrap_or_else(|error| panic!("{script}: {error}"));
    connection
}

fn catalog(connection: &mut SqliteConnection) -> Catalog {
    read(connection, &Scope::default()).unwrap()
}

fn of(script: &str) -> Catalog {
    catalog(&mut database(script))
}

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c Table {
    &catalog.tables[&ObjectName::bare(name)]
}

const SHOP: &str = "CREATE TABLE Customer (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never again
        \"Mail\" TEXT NOT NULL COLLATE NOCASE CONSTRAINT one_mail UNIQUE ON CONFLICT IGNORE,
        born int DEFAULT (-1), name varchar(20) DEFAULT 'x' CHECK (customer.name <> ''),
        initial AS (substr(name, 1, 1)), loud TEXT GENERATED ALWAYS AS (upper(name)) STORED
    );
    CREATE TABLE \"order\" (
        number INT CONSTRAINT nn NOT NULL ON CONFLICT FAIL, shop TEXT DEFAULT Main,
        customer INTEGER REFERENCES [CUSTOMER] ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
        PRIMARY KEY (number, shop DESC),
        CONSTRAINT again FOREIGN KEY (shop, NUMBER) REFERENCES \"order\" (shop, number) ON UPDATE SET NULL MATCH FULL,
        UNIQUE (shop), CHECK (number>0)
    ) WITHOUT ROWID, STRICT;
    CREATE UNIQUE INDEX by_name ON customer (lower(name) COLLATE nocase DESC, \"mail\" COLLATE binary, Born)
        WHERE born > 0;
    CREATE VIEW Adults (who) AS SELECT name FROM customer WHERE born >= 18;
    CREATE TRIGGER bell AFTER INSERT ON CUSTOMER BEGIN UPDATE customer SET born = 1; END;
    CREATE TRIGGER joins INSTEAD OF INSERT ON adults BEGIN INSERT INTO customer (name) VALUES (new.who); END;
    CREATE VIRTUAL TABLE words USING fts5(word, tokenize = 'porter');
    CREATE TABLE migrate_ledger (revision text)";

#[test]
fn columns_are_read_with_all_that_their_definition_says() {
    let catalog = of(&SHOP.replace(", STRICT", ""));
    let customer = table(&catalog, "Customer");
    let names: Vec<_> = customer.columns.iter().map(|column| (&*column.name, &*column.type_)).collect();
    assert_eq!(
        names,
        [
            ("id", "INTEGER"),
            ("Mail", "TEXT"),
            ("born", "INT"),
            ("name", "varchar(20)"),
            ("initial", ""),
            ("loud", "TEXT")
        ]
    );
    let [id, mail, born, name, initial, loud] = customer.columns.as_slice() else { panic!() };
    assert_eq!(id.identity.as_ref().unwrap().kind, IdentityKind::AutoIncrement);
    assert!(!id.nullable && !mail.nullable && born.nullable);
    assert_eq!(mail.collation.as_deref(), Some("NOCASE"));
    assert_eq!((born.default.as_deref(), name.default.as_deref()), (Some("-1"), Some("'x'")));
    assert_eq!(initial.generated.as_ref().unwrap().kind, GeneratedKind::Virtual);
    assert_eq!(loud.generated.as_ref().unwrap().expression, "upper(name)");
    let order = table(&catalog, "order");
    assert_eq!(order.columns[1].default.as_deref(), Some("'Main'"), "a bare word is a string");
    assert_eq!(order.columns[0].not_null.as_ref().unwrap().name, "nn");
    assert_eq!(order.columns[0].options["not_null_on_conflict"], "FAIL");
    assert!(order.options.without_rowid && !order.options.strict);
    let names: Vec<_> = catalog.tables.keys().map(ToString::to_string).collect();
    assert_eq!(names, ["\"Customer\"", "order", "words"], "no ledger, no shadow tables");
    let words = table(&catalog, "words");
    assert_eq!(words.options.virtual_module.as_deref(), Some("fts5(word, tokenize = 'porter')"));
}

#[test]
fn constraints_are_read_wherever_they_stand() {
    let catalog = of(&SHOP.replace(", STRICT", ""));
    let customer = table(&catalog, "Customer");
    assert_eq!(customer.primary_key.as_ref().unwrap().definition, "PRIMARY KEY (id AUTOINCREMENT)");
    assert_eq!(customer.uniques[0].name.as_deref(), Some("one_mail"));
    assert_eq!(customer.uniques[0].rule.columns, ["Mail"]);
    assert_eq!(customer.uniques[0].definition, "UNIQUE (mail) ON CONFLICT IGNORE");
    assert_eq!(customer.checks[0].rule.expression, "name <> ''");
    let order = table(&catalog, "order");
    assert_eq!(order.primary_key.as_ref().unwrap().rule.columns, ["number", "shop"]);
    assert_eq!(order.primary_key.as_ref().unwrap().definition, "PRIMARY KEY (number, shop DESC)");
    assert_eq!(order.checks[0].definition, "CHECK (number > 0)");
    let [to_customer, again] = order.foreign_keys.as_slice() else { panic!() };
    assert_eq!(to_customer.rule.table, ObjectName::bare("Customer"));
    assert_eq!(to_customer.rule.on_delete, Action::Cascade);
    assert_eq!(to_customer.deferrable, Deferrable::InitiallyDeferred);
    assert_eq!(
        to_customer.definition,
        "FOREIGN KEY (customer) REFERENCES customer ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
    );
    assert_eq!(again.rule.columns, ["shop", "number"]);
    assert_eq!(again.rule.on_update, Action::SetNull);
}

#[test]
fn indexes_views_and_triggers_are_read() {
    let catalog = of(&SHOP.replace(", STRICT", ""));
    let customer = table(&catalog, "Customer");
    assert_eq!(customer.indexes.keys().collect::<Vec<_>>(), ["by_name"], "not those of constraints");
    let by_name = &customer.indexes["by_name"];
    assert!(by_name.unique);
    assert_eq!(by_name.predicate.as_deref(), Some("born > 0"));
    let [name, mail, born] = by_name.keys.as_slice() else { panic!() };
    assert_eq!(name.target, IndexTarget::Expression("lower(name)".to_owned()));
    assert_eq!((name.order, name.collation.as_deref()), (Order::Desc, Some("NOCASE")));
    assert_eq!(mail.target, IndexTarget::Column("Mail".to_owned()));
    assert_eq!(mail.collation.as_deref(), Some("BINARY"), "not the column's own");
    assert_eq!((born.order, &born.collation), (Order::Asc, &None));
    assert_eq!(customer.triggers.keys().collect::<Vec<_>>(), ["bell"]);
    let adults = &catalog.views[&ObjectName::bare("Adults")];
    assert_eq!((&*adults.columns[0].name, &*adults.columns[0].type_), ("who", "varchar(20)"));
    assert_eq!(adults.definition, "CREATE VIEW adults(who) AS SELECT name FROM customer WHERE born >= 18");
    assert_eq!(adults.triggers.keys().collect::<Vec<_>>(), ["joins"]);
}

#[test]
fn what_means_the_same_is_equal_and_what_does_not_is_not() {
    let base = "CREATE TABLE t (a INT NOT NULL UNIQUE DEFAULT 1, b TEXT CHECK (b <> 'X') REFERENCES p (x));
        CREATE TABLE p (x TEXT PRIMARY KEY); CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a FROM t;
        CREATE TRIGGER g AFTER DELETE ON t BEGIN DELETE FROM p WHERE x = old.b; END;";
    let same = "CREATE TABLE \"t\" ( [a] int DEFAULT (1) CONSTRAINT n NOT NULL, `b` TEXT /* b */, unique(a),
            CHECK(\"t\".\"B\"<>'X'), FOREIGN KEY (\"b\") REFERENCES \"P\" (\"x\"));
        CREATE TABLE p (x TEXT, PRIMARY KEY (x)); CREATE INDEX i ON \"t\"(\"b\" ASC);
        CREATE VIEW v AS SELECT \"a\" FROM 't'; CREATE TRIGGER g AFTER DELETE ON \"T\"
            BEGIN DELETE FROM \"p\" WHERE \"x\" = old.\"b\"; END;";
    let same = same.replace("CONSTRAINT n ", "").replace(" ASC", "").replace("'t'", "[T]");
    assert_eq!(of(base), of(&same));
    for (from, to) in [
        ("NOT NULL", ""),
        ("DEFAULT 1", "DEFAULT '1'"),
        ("'X'", "'x'"),
        ("UNIQUE", "UNIQUE ON CONFLICT REPLACE"),
        ("REFERENCES p (x)", "REFERENCES p (x) ON DELETE CASCADE"),
        ("REFERENCES p (x)", "REFERENCES p"),
        ("a INT", "a INTEGER"),
        ("b TEXT", "b TEXT COLLATE nocase"),
        ("ON t (b)", "ON t (b DESC)"),
        ("SELECT a", "SELECT b"),
        ("AFTER DELETE", "BEFORE DELETE"),
        ("INDEX i", "UNIQUE INDEX i"),
        ("PRIMARY KEY)", "PRIMARY KEY) WITHOUT ROWID"),
    ] {
        assert_ne!(of(base), of(&base.replace(from, to)), "{from} -> {to}");
    }
}

#[test]
fn a_rebuild_that_changes_nothing_but_the_text_leaves_an_equal_catalog() {
    let mut connection = database(&SHOP.replace(", STRICT", ""));
    let before = catalog(&mut connection);
    let name = "Customer";
    let edits = |value: &str| [Edit::SetDefault { column: "born".to_owned(), value: value.to_owned() }];
    rebuild(&mut connection, name, &edits("7")).unwrap();
    let between = catalog(&mut connection);
    assert_eq!(table(&between, name).columns[2].default.as_deref(), Some("7"));
    assert_ne!(between, before);
    rebuild(&mut connection, name, &edits("-1")).unwrap();
    assert_eq!(catalog(&mut connection), before);
    // SQLite's own renaming writes names with quotes all over the schema.
    connection
        .batch("ALTER TABLE customer RENAME COLUMN name TO n; ALTER TABLE customer RENAME COLUMN n TO name")
        .unwrap();
    connection.batch("ALTER TABLE customer RENAME TO c; ALTER TABLE c RENAME TO Customer").unwrap();
    assert_eq!(catalog(&mut connection), before);
}

#[test]
fn foreign_keys_agree_with_what_sqlite_tells_of_them() {
    let script = SHOP.replace(", STRICT", "");
    let mut connection = database(&script);
    let mut told = connection
        .query(
            "SELECT s.name, f.\"from\", f.\"to\", f.on_update, f.on_delete \
             FROM sqlite_schema s, pragma_foreign_key_list(s.name) f ORDER BY 1, f.id DESC, f.seq",
            &[],
        )
        .unwrap();
    let word = |action: Action| match action {
        Action::NoAction => "NO ACTION",
        Action::Restrict => "RESTRICT",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
        Action::SetDefault => "SET DEFAULT",
    };
    let mut read: Vec<Vec<Option<String>>> = Vec::new();
    for (name, table) in catalog(&mut connection).tables {
        for key in table.foreign_keys {
            for (number, column) in key.rule.columns.iter().enumerate() {
                let to = key.rule.referenced.get(number).cloned();
                let (update, delete) = (word(key.rule.on_update), word(key.rule.on_delete));
                let texts = [Some(name.name.clone()), Some(column.clone()), to];
                read.push(
                    texts.into_iter().chain([update, delete].map(|text| Some(text.to_owned()))).collect(),
                );
            }
        }
    }
    for row in &mut told {
        // SQLite shows the name as the key spells it.
        row[1] =
            row[1].as_ref().map(|name| if name == "NUMBER" { "number".to_owned() } else { name.clone() });
    }
    assert_eq!(told, read);
}

#[test]
fn a_scope_of_one_table_reads_that_one_and_its_parts() {
    let mut connection = database(SHOP.replace(", STRICT", "").as_str());
    let whole = catalog(&mut connection);
    let scope = Scope::tables([ObjectName::bare("ORDER"), ObjectName::bare("nothing")]);
    let part = read(&mut connection, &scope).unwrap();
    assert_eq!(part.tables.len(), 1);
    assert_eq!(table(&part, "order"), table(&whole, "order"));
    assert!(part.views.is_empty());
}

#[test]
fn a_view_that_does_not_work_is_read_without_its_columns() {
    let catalog = of("CREATE VIEW lost AS SELECT x FROM gone; CREATE VIEW fine AS SELECT 1 AS one");
    assert!(catalog.views[&ObjectName::bare("lost")].columns.is_empty());
    assert_eq!(catalog.views[&ObjectName::bare("fine")].columns[0].name, "one");
}

#[test]
fn reading_leaves_no_transaction_and_disturbs_none() {
    let mut connection = database("CREATE TABLE t (a)");
    catalog(&mut connection);
    connection.batch("BEGIN; INSERT INTO t VALUES (1)").unwrap();
    catalog(&mut connection);
    connection.batch("ROLLBACK").unwrap();
    connection.begin("").unwrap();
    catalog(&mut connection);
    assert_eq!(connection.transaction_depth(), Some(1));
    connection.rollback().unwrap();
}

#[test]
fn rows_are_estimated_without_counting_them() {
    let mut connection = database(
        "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3); CREATE TABLE empty (a);
         CREATE TABLE keyed (a PRIMARY KEY) WITHOUT ROWID; INSERT INTO keyed VALUES ('x'), ('y')",
    );
    let rows = |connection: &mut SqliteConnection| {
        let all = statistics(connection, &Scope::default()).unwrap();
        assert!(all.values().all(|one| one.pages >= 1 && one.bytes >= 512), "{all:?}");
        all.into_iter().map(|(name, one)| (name.name, one.rows)).collect::<Vec<_>>()
    };
    let expected = |keyed| {
        [("empty", Some(0)), ("keyed", keyed), ("t", Some(3))].map(|(name, rows)| (name.to_owned(), rows))
    };
    assert_eq!(rows(&mut connection), expected(None));
    connection.batch("ANALYZE").unwrap();
    assert_eq!(rows(&mut connection), expected(Some(2)));
}
