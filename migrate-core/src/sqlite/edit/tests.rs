use super::{ConstraintRef, Edit, EditError};
use crate::sqlite::CreateTable;

fn named(name: &str) -> Edit {
    Edit::DropConstraint(ConstraintRef::Named(name.to_owned()))
}

fn drop(column: &str) -> Edit {
    Edit::DropColumn { column: column.to_owned() }
}

fn add(definition: &str) -> Edit {
    Edit::AddColumn { definition: definition.to_owned() }
}

fn add_constraint(definition: &str) -> Edit {
    Edit::AddConstraint { definition: definition.to_owned() }
}

#[track_caller]
fn check(before: &str, edit: &Edit, after: &str) {
    let table = CreateTable::parse(before).unwrap_or_else(|error| panic!("{before}: {error}"));
    let edited = table.edited(edit).unwrap_or_else(|error| panic!("{before}: {error}"));
    assert_eq!(edited.text(), after);
}

#[track_caller]
fn refused(before: &str, edit: &Edit) -> EditError {
    CreateTable::parse(before).unwrap().edited(edit).unwrap_err()
}

const USERS: &str = "CREATE TABLE users (
  id INTEGER PRIMARY KEY, -- the id
  email TEXT NOT NULL COLLATE NOCASE, -- unique, see below
  age INT(3) DEFAULT (18) CHECK (age > 0) /* years */,
  -- rules
  UNIQUE (email), CONSTRAINT \"grown\" CHECK (age >= 18) -- by law
) STRICT";

#[test]
fn a_new_column_stands_behind_the_last_one_in_the_layout_of_the_list() {
    check(
        "CREATE TABLE t (a, b)",
        &add("c INT NOT NULL DEFAULT 0 -- note"),
        "CREATE TABLE t (a, b, c INT NOT NULL DEFAULT 0)",
    );
    check("CREATE TABLE t(a)", &add("[b c]"), "CREATE TABLE t(a, [b c])");
    check(
        "CREATE TABLE t (\n\ta,\n\tb -- last\n)",
        &add("c"),
        "CREATE TABLE t (\n\ta,\n\tb, -- last\n\tc\n)",
    );
    check("CREATE TABLE t (a -- first\n)", &add("b"), "CREATE TABLE t (a, -- first\n b\n)");
    check("CREATE TABLE t (a, UNIQUE (a))", &add("b"), "CREATE TABLE t (a, b, UNIQUE (a))");
    let after = USERS.replace("/* years */,", "/* years */,\n  name TEXT,");
    check(USERS, &add("name TEXT"), &after);
}

#[test]
fn a_column_goes_with_its_comma_and_the_comments_on_its_line() {
    check("CREATE TABLE t (a, b, c)", &drop("b"), "CREATE TABLE t (a, c)");
    check("CREATE TABLE t (a, b, c)", &drop("a"), "CREATE TABLE t (b, c)");
    check("CREATE TABLE t (a, b, c)", &drop("C"), "CREATE TABLE t (a, b)");
    check(USERS, &drop("id"), &USERS.replace("id INTEGER PRIMARY KEY, -- the id\n  ", ""));
    check("CREATE TABLE t (a, -- first\n b -- second\n)", &drop("b"), "CREATE TABLE t (a -- first\n \n)");
    check("CREATE TABLE t (a,b,UNIQUE(a) CHECK(a>0))", &drop("b"), "CREATE TABLE t (a,UNIQUE(a) CHECK(a>0))");
}

#[test]
fn a_type_a_default_and_nullability_change_in_place() {
    let set = |declared: &str| Edit::SetType { column: "AGE".to_owned(), declared: declared.to_owned() };
    check(USERS, &set("REAL"), &USERS.replace("INT(3)", "REAL"));
    check(USERS, &set(""), &USERS.replace(" INT(3)", ""));
    check("CREATE TABLE t (age)", &set("INT"), "CREATE TABLE t (age INT)");
    check("CREATE TABLE t ([age]CHECK(age>0))", &set("INT"), "CREATE TABLE t ([age] INT CHECK(age>0))");
    let not_null = Edit::SetNotNull { column: "age".to_owned() };
    check(USERS, &not_null, &USERS.replace("INT(3)", "INT(3) NOT NULL"));
    check("CREATE TABLE t (age INT NULL)", &not_null, "CREATE TABLE t (age INT NOT NULL)");
    let null = Edit::DropNotNull { column: "email".to_owned() };
    check(USERS, &null, &USERS.replace(" NOT NULL", ""));
    check(
        "CREATE TABLE t (email INT CONSTRAINT nn NOT NULL ON CONFLICT FAIL UNIQUE)",
        &null,
        "CREATE TABLE t (email INT UNIQUE)",
    );
    let default = |value: &str| Edit::SetDefault { column: "age".to_owned(), value: value.to_owned() };
    check(USERS, &default("-1"), &USERS.replace("(18)", "-1"));
    check(USERS, &default("1 + 1"), &USERS.replace("(18)", "(1 + 1)"));
    check(
        "CREATE TABLE t (age NOT NULL)",
        &default("(1) + (2)"),
        "CREATE TABLE t (age NOT NULL DEFAULT ((1) + (2)))",
    );
    check(
        "CREATE TABLE t (age)",
        &default("CURRENT_TIMESTAMP"),
        "CREATE TABLE t (age DEFAULT CURRENT_TIMESTAMP)",
    );
    let no_default = Edit::DropDefault { column: "age".to_owned() };
    check(USERS, &no_default, &USERS.replace(" DEFAULT (18)", ""));
    check("CREATE TABLE t (age DEFAULT'x'NOT NULL)", &no_default, "CREATE TABLE t (age NOT NULL)");
}

#[test]
fn collation_generation_and_checks_of_a_column_change_in_place() {
    let collation =
        |name: &str| Edit::SetCollation { column: "email".to_owned(), collation: name.to_owned() };
    check(USERS, &collation("rtrim"), &USERS.replace("NOCASE", "\"rtrim\""));
    check(USERS, &collation("nocase"), USERS);
    let none = Edit::DropCollation { column: "email".to_owned() };
    check(USERS, &none, &USERS.replace(" COLLATE NOCASE", ""));
    let generated =
        |stored| Edit::SetGenerated { column: "b".to_owned(), expression: "a + 1".to_owned(), stored };
    check(
        "CREATE TABLE t (a, b INT)",
        &generated(true),
        "CREATE TABLE t (a, b INT GENERATED ALWAYS AS (a + 1) STORED)",
    );
    check(
        "CREATE TABLE t (a, b INT AS (a) UNIQUE)",
        &generated(false),
        "CREATE TABLE t (a, b INT GENERATED ALWAYS AS (a + 1) VIRTUAL UNIQUE)",
    );
    check(
        "CREATE TABLE t (a, b INT GENERATED ALWAYS AS (a) STORED)",
        &Edit::DropGenerated { column: "b".to_owned() },
        "CREATE TABLE t (a, b INT)",
    );
    let set = Edit::SetColumnCheck {
        column: "b".to_owned(),
        name: "b values".to_owned(),
        expression: "b IN ('x', ')')".to_owned(),
    };
    let with = "CREATE TABLE t (a, b CONSTRAINT \"b values\" CHECK (b IN ('x', ')')))";
    check("CREATE TABLE t (a, b)", &set, with);
    check("CREATE TABLE t (a, b CONSTRAINT [B Values] CHECK (b = 1))", &set, with);
    let unset = Edit::DropColumnCheck { column: "b".to_owned(), name: "b values".to_owned() };
    check(with, &unset, "CREATE TABLE t (a, b)");
    assert_eq!(
        refused("CREATE TABLE t (a, b)", &unset).to_string(),
        "table t has no check b values on column b"
    );
}

#[test]
fn a_constraint_is_added_behind_all_others() {
    let unique = add_constraint("CONSTRAINT u UNIQUE (a)");
    check("CREATE TABLE t (a, b)", &unique, "CREATE TABLE t (a, b, CONSTRAINT u UNIQUE (a))");
    check(
        "CREATE TABLE t (a, CHECK (a) CHECK (b))",
        &unique,
        "CREATE TABLE t (a, CHECK (a) CHECK (b), CONSTRAINT u UNIQUE (a))",
    );
    let after = USERS.replace(") -- by law", "), -- by law\n  CONSTRAINT u UNIQUE (a)");
    assert_eq!(CreateTable::parse(USERS).unwrap().constraints().len(), 2);
    // The last item stands on a line with another one.
    let after = after.replace("-- by law\n  CONSTRAINT", "-- by law\n CONSTRAINT");
    check(USERS, &unique, &after);
    assert_eq!(
        refused("CREATE TABLE t (a CONSTRAINT U NOT NULL)", &unique).to_string(),
        "table t already has a constraint u"
    );
}

#[test]
fn a_constraint_is_dropped_by_its_name_wherever_it_stands() {
    check(
        "CREATE TABLE t (a CONSTRAINT n NOT NULL DEFAULT 1, b)",
        &named("N"),
        "CREATE TABLE t (a DEFAULT 1, b)",
    );
    check(
        "CREATE TABLE t (a, CONSTRAINT [n] UNIQUE (a), CHECK (a))",
        &named("n"),
        "CREATE TABLE t (a, CHECK (a))",
    );
    check(
        "CREATE TABLE t (a, CONSTRAINT n UNIQUE (a) CHECK (a))",
        &named("n"),
        "CREATE TABLE t (a, CHECK (a))",
    );
    check(USERS, &named("grown"), &USERS.replace(", CONSTRAINT \"grown\" CHECK (age >= 18) -- by law", ""));
    let twice = "CREATE TABLE t (a CONSTRAINT n CHECK (a), CONSTRAINT n CHECK (a > 1))";
    assert_eq!(refused(twice, &named("n")).to_string(), "table t has 2 constraints with the name n");
    assert_eq!(refused(twice, &named("m")).to_string(), "table t has no constraint m");
}

#[test]
fn a_constraint_without_a_name_is_dropped_by_what_it_says() {
    let unique = |columns: &[&str]| {
        Edit::DropConstraint(ConstraintRef::Unique(columns.iter().map(ToString::to_string).collect()))
    };
    check(
        "CREATE TABLE t (a UNIQUE, b, UNIQUE (a, b))",
        &unique(&["a"]),
        "CREATE TABLE t (a, b, UNIQUE (a, b))",
    );
    check(
        "CREATE TABLE t (a UNIQUE, b, UNIQUE ([a], \"B\" DESC))",
        &unique(&["A", "b"]),
        "CREATE TABLE t (a UNIQUE, b)",
    );
    check(
        "CREATE TABLE t (a CONSTRAINT u UNIQUE, UNIQUE (a))",
        &unique(&["a"]),
        "CREATE TABLE t (a CONSTRAINT u UNIQUE)",
    );
    check("CREATE TABLE t (a CONSTRAINT u UNIQUE)", &unique(&["a"]), "CREATE TABLE t (a)");
    let expression = Edit::DropConstraint(ConstraintRef::Check("age>0".to_owned()));
    check(USERS, &expression, &USERS.replace(" CHECK (age > 0)", ""));
    let key = Edit::DropConstraint(ConstraintRef::PrimaryKey);
    check("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b)", &key, "CREATE TABLE t (a INTEGER, b)");
    check("CREATE TABLE t (a, PRIMARY KEY (a))", &key, "CREATE TABLE t (a)");
    let foreign = Edit::DropConstraint(ConstraintRef::ForeignKey {
        columns: vec!["b".to_owned()],
        table: "other".to_owned(),
    });
    check(
        "CREATE TABLE t (b REFERENCES 'Other' (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED, c)",
        &foreign,
        "CREATE TABLE t (b, c)",
    );
    check("CREATE TABLE t (b, FOREIGN KEY (b) REFERENCES other)", &foreign, "CREATE TABLE t (b)");
    assert_eq!(
        refused("CREATE TABLE t (b)", &foreign).to_string(),
        "table t has no foreign key from b to other"
    );
}

#[test]
fn a_constraint_is_renamed_where_it_stands() {
    let rename = Edit::RenameConstraint { name: "grown".to_owned(), to: "old \"enough\"".to_owned() };
    check(USERS, &rename, &USERS.replace("\"grown\"", "\"old \"\"enough\"\"\""));
    let taken = "CREATE TABLE t (a CONSTRAINT grown CHECK (a), CONSTRAINT [old \"enough\"] UNIQUE (a))";
    assert_eq!(refused(taken, &rename).to_string(), "table t already has a constraint old \"enough\"");
}

#[test]
fn a_text_that_would_end_its_part_is_refused() {
    let default = Edit::SetDefault { column: "a".to_owned(), value: "1), b INT DEFAULT (2".to_owned() };
    for edit in [
        default,
        Edit::SetDefault { column: "a".to_owned(), value: "1, b".to_owned() },
        Edit::SetDefault { column: "a".to_owned(), value: "'x".to_owned() },
        Edit::SetDefault { column: "a".to_owned(), value: " -- nothing".to_owned() },
        add("b, c"),
        add("UNIQUE (a)"),
        add_constraint("b INT"),
        Edit::SetGenerated {
            column: "a".to_owned(),
            expression: "1) STORED, b AS (1".to_owned(),
            stored: true,
        },
    ] {
        let error = refused("CREATE TABLE t (a)", &edit);
        assert!(matches!(error, EditError::Definition { .. }), "{edit:?}: {error:?}");
    }
    let type_ = Edit::SetType { column: "a".to_owned(), declared: "INT, b".to_owned() };
    assert!(matches!(refused("CREATE TABLE t (a)", &type_), EditError::Definition { .. }));
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let errors = [
        (drop("x"), "table t has no column x"),
        (drop("a"), "column a is the only one of table t"),
        (add("A INT"), "table t already has a column A"),
        (Edit::Fill { column: "x".to_owned(), expression: "1".to_owned() }, "table t has no column x"),
        (Edit::DropConstraint(ConstraintRef::PrimaryKey), "table t has no primary key"),
    ];
    for (edit, message) in errors {
        assert_eq!(refused("CREATE TABLE t (a)", &edit).to_string(), message);
    }
}
