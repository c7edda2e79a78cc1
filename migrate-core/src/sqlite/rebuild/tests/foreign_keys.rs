//! Foreign keys to and from a table that is copied.

use super::*;

const FAMILY: &str = "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE, above REFERENCES parent ON DELETE CASCADE);
    CREATE TABLE cascade (p INTEGER REFERENCES \"Parent\" ON DELETE CASCADE ON UPDATE CASCADE);
    CREATE TABLE nulls (p INTEGER, FOREIGN KEY (p) REFERENCES [PARENT] (id) ON DELETE SET NULL);
    CREATE TABLE by_code (c TEXT DEFAULT 'b' REFERENCES 'parent' (code) ON DELETE SET DEFAULT);
    CREATE TABLE restricts (p INTEGER REFERENCES parent ON DELETE RESTRICT);
    CREATE TABLE waits (p INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    CREATE VIEW seen AS SELECT p.code FROM parent AS p JOIN cascade AS c ON c.p = p.id;
    CREATE TRIGGER adds AFTER INSERT ON cascade BEGIN UPDATE parent SET code = code WHERE id = new.p; END;
    INSERT INTO parent VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2);
    INSERT INTO cascade VALUES (1), (2); INSERT INTO nulls VALUES (1), (3); INSERT INTO by_code VALUES ('a');
    INSERT INTO restricts VALUES (2); INSERT INTO waits VALUES (3)";

fn family(driver: &mut dyn Driver) -> Vec<String> {
    let tables = ["parent", "cascade", "nulls", "by_code", "restricts", "waits", "seen"];
    tables
        .into_iter()
        .flat_map(|table| rows(driver, &format!("SELECT '{table}', * FROM {table} ORDER BY 2")))
        .collect()
}

#[test]
fn no_row_that_refers_to_the_table_is_touched() {
    let mut database = database(FAMILY);
    let (before, schema_before) = (family(&mut database), schema(&mut database));
    change(&mut database, "parent", &[set_type("code", "VARCHAR(9)"), set_not_null("code")]);
    assert_eq!(family(&mut database), before);
    let expected: Vec<_> = schema_before
        .iter()
        .map(|object| {
            object
                .replace("CREATE TABLE parent", "CREATE TABLE \"parent\"")
                .replace("code TEXT UNIQUE", "code VARCHAR(9) NOT NULL UNIQUE")
        })
        .collect();
    assert_eq!(
        schema(&mut database),
        expected,
        "the children, the view and the trigger name the table as before"
    );
    assert_eq!(rows(&mut database, "PRAGMA foreign_key_check"), [""; 0]);
    // The keys still lead there.
    database
        .batch(
            "DELETE FROM restricts; DELETE FROM waits; DELETE FROM by_code; DELETE FROM parent WHERE id = 1",
        )
        .unwrap();
    assert_eq!(rows(&mut database, "SELECT * FROM cascade"), [""; 0]);
    assert_eq!(rows(&mut database, "SELECT * FROM nulls"), ["NULL", "NULL"]);
    assert_eq!(rows(&mut database, "SELECT count(*) FROM parent"), ["0"]);
}

#[test]
fn a_child_is_copied_with_its_keys() {
    let mut database = database(FAMILY);
    let before = family(&mut database);
    for table in ["cascade", "nulls", "restricts", "waits"] {
        change(&mut database, table, &[set_type("p", "INT")]);
    }
    change(&mut database, "by_code", &[set_type("c", "VARCHAR")]);
    assert_eq!(family(&mut database), before);
    let keys = "SELECT t.name, f.\"table\", f.on_delete FROM sqlite_schema t, pragma_foreign_key_list(t.name) f ORDER BY 1";
    assert_eq!(
        rows(&mut database, keys),
        [
            "by_code|parent|SET DEFAULT",
            "cascade|Parent|CASCADE",
            "nulls|PARENT|SET NULL",
            "parent|parent|CASCADE",
            "restricts|parent|RESTRICT",
            "waits|parent|NO ACTION",
        ]
    );
}

#[test]
fn in_a_transaction_foreign_keys_must_be_off_already() {
    let mut database = database(FAMILY);
    let before = family(&mut database);
    database.begin("").unwrap();
    let error = refused(&mut database, "parent", &[set_not_null("code")]);
    assert!(matches!(error, RebuildError::ForeignKeysOn { .. }), "{error:?}");
    // What needs no copy, and a table without foreign keys in either direction, do not ask.
    change(&mut database, "parent", &[add_column("more INT")]);
    database.batch("CREATE TABLE alone (a)").unwrap();
    assert!(copied(&change(&mut database, "alone", &[set_type("a", "INT")])));
    let error = refused(&mut database, "alone", &[add_constraint("FOREIGN KEY (a) REFERENCES parent")]);
    assert!(matches!(error, RebuildError::ForeignKeysOn { .. }), "{error:?}");
    database.rollback().unwrap();
    assert_eq!(family(&mut database), before);
    database.batch("PRAGMA foreign_keys = OFF").unwrap();
    database.begin("").unwrap();
    change(&mut database, "parent", &[set_not_null("code")]);
    database.commit().unwrap();
    assert_eq!(family(&mut database), before);
    assert_eq!(rows(&mut database, "PRAGMA foreign_keys"), ["0"], "as the connection had it");
}

#[test]
fn a_transaction_that_diesel_does_not_know_of_is_no_trap() {
    let mut database = database(FAMILY);
    let before = family(&mut database);
    database.batch("BEGIN").unwrap();
    let error = rebuild(&mut database, "parent", &[set_not_null("code")]).unwrap_err();
    assert!(chain(&error).contains("cannot start a transaction within a transaction"), "{}", chain(&error));
    database.batch("COMMIT").unwrap();
    assert_eq!(family(&mut database), before);
}

#[test]
fn a_key_that_a_change_would_break_is_an_error_and_one_that_was_broken_is_none() {
    let mut database = database(FAMILY);
    database
        .batch("PRAGMA foreign_keys = OFF; INSERT INTO cascade VALUES (77); PRAGMA foreign_keys = ON")
        .unwrap();
    change(&mut database, "parent", &[set_not_null("code")]);
    let error = refused(&mut database, "parent", &[fill("id", "id + 100")]);
    let RebuildError::ForeignKeys { count, .. } = error else { panic!("{error:?}") };
    // Two of cascade, two of nulls, restricts, waits, and two of the table itself; not the one that was broken.
    assert_eq!(count, 8);
    let error = refused(&mut database, "parent", &[fill("code", "code || '!'")]);
    assert_eq!(
        error.to_string(),
        "1 foreign key is broken by the change of table parent, row 1 of by_code, which refers to parent among them"
    );
    let key = Edit::DropConstraint(crate::sqlite::ConstraintRef::Unique(vec!["code".to_owned()]));
    let error = refused(&mut database, "parent", &[key]);
    assert!(error.to_string().contains("foreign key mismatch"), "{error}");
}

#[test]
fn a_new_foreign_key_must_hold() {
    let mut database = database(FAMILY);
    database.batch("CREATE TABLE late (p INTEGER); INSERT INTO late VALUES (1), (55)").unwrap();
    let edits = [add_constraint("FOREIGN KEY (p) REFERENCES parent ON DELETE CASCADE")];
    let error = refused(&mut database, "late", &edits);
    assert_eq!(
        error.to_string(),
        "1 foreign key is broken by the change of table late, row 2 of late, which refers to parent among them"
    );
    database.batch("DELETE FROM late WHERE p = 55").unwrap();
    change(&mut database, "late", &edits);
    database.batch("INSERT INTO late VALUES (56)").unwrap_err();
}
