//! Statements one by one: what each becomes, and what is refused.

use super::super::python::{Scope, StatementKind, read};
use super::{NotPlain, translate};
use std::collections::BTreeMap;

const IMPORTS: &str = "from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
";

/// The body of a function as operations, on one line for each; otherwise the line that is not plain, and why.
fn body(statements: &str) -> Result<String, String> {
    let indented: Vec<_> = statements.lines().map(|line| format!("    {line}\n")).collect();
    let module = read(&format!("{IMPORTS}\ndef upgrade():\n{}", indented.concat())).unwrap();
    let upgrade = module.iter().find_map(|statement| match &statement.kind {
        StatementKind::Function(function) => Some(function.clone()),
        _ => None,
    });
    match translate(&upgrade.unwrap(), &Scope::of_module(&module), &BTreeMap::new()) {
        Ok(Ok(body)) => Ok(body.rust.split_whitespace().collect::<Vec<_>>().join(" ")),
        Ok(Err(irreversible)) => Ok(format!("{irreversible:?}")),
        Err((line, NotPlain(why))) => Err(format!("{}: {why}", line - 5)),
    }
}

#[track_caller]
fn becomes(statements: &str, expected: &str) {
    assert_eq!(body(statements).as_deref(), Ok(expected), "{statements}");
}

#[track_caller]
fn is_refused(statements: &str, expected: &str) {
    assert_eq!(body(statements).unwrap_err(), expected, "{statements}");
}

#[test]
fn a_whole_number_that_is_the_key_alone_numbers_itself() {
    let column = |arguments: &str| format!("op.create_table('t', sa.Column('id', {arguments}))");
    let made = |column: &str| format!("cx.create_table( table(\"t\") .column({column}), )");
    for (arguments, expected) in [
        ("sa.Integer, primary_key=True", r#"column("id", Serial).primary_key()"#),
        ("sa.BigInteger(), primary_key=True", r#"column("id", BigSerial).primary_key()"#),
        ("sa.Integer, primary_key=True, autoincrement=False", r#"column("id", Integer).primary_key()"#),
        // A default of Python's takes the numbering away as well.
        ("sa.Integer, primary_key=True, default=next_id", r#"column("id", Integer).primary_key()"#),
        (
            "sa.Integer, primary_key=True, server_default='1'",
            r#"column("id", Integer).primary_key().default(1)"#,
        ),
        ("sa.Integer, sa.Identity(), primary_key=True", r#"column("id", Integer).identity().primary_key()"#),
        (
            "sa.Integer, sa.ForeignKey('u.id'), primary_key=True",
            r#"column("id", Integer).primary_key().references("u", "id")"#,
        ),
        ("sa.String(9), primary_key=True", r#"column("id", varchar(9)).primary_key()"#),
    ] {
        becomes(&column(arguments), &made(expected));
    }
}

#[test]
fn keys_of_tables_say_which_columns_are_numbered() {
    becomes(
        "op.create_table('t', sa.Column('a', sa.Integer), sa.Column('b', sa.Integer), sa.PrimaryKeyConstraint('a', 'b'))",
        r#"cx.create_table( table("t") .column(column("a", Integer)) .column(column("b", Integer)) .primary_key(["a", "b"]), )"#,
    );
    becomes(
        "op.create_table('t', sa.Column('a', sa.Integer), sa.ForeignKeyConstraint(['a'], ['s.u.id']), sa.PrimaryKeyConstraint('a'))",
        r#"cx.create_table( table("t") .column(column("a", Integer).primary_key()) .constraint(foreign_key(["a"], ("s", "u"), ["id"])), )"#,
    );
    is_refused(
        "op.create_table('t', sa.Column('a', sa.Integer), sa.PrimaryKeyConstraint('b'))",
        "1: a primary key of \"b\", which is no column",
    );
}

#[test]
fn an_unnamed_check_stands_where_the_server_calls_it_the_same() {
    let table = |check: &str| {
        format!(
            "op.create_table('t', sa.Column('a', sa.Text), sa.Column('b', sa.Text), sa.CheckConstraint({check}))"
        )
    };
    becomes(
        &table("\"a <> 'b'\""),
        r#"cx.create_table( table("t") .column(column("a", Text).check("a <> 'b'")) .column(column("b", Text)), )"#,
    );
    becomes(
        &table("'a < b'"),
        r#"cx.create_table( table("t") .column(column("a", Text)) .column(column("b", Text)) .constraint(check("a < b")), )"#,
    );
    is_refused(
        "op.create_check_constraint(None, 't', 'a > 0')",
        "1: a check whose name the server makes of the columns in it",
    );
}

#[test]
fn an_enum_type_is_made_with_its_first_table() {
    becomes(
        "kind = sa.Enum('a', 'b', name='kind')
op.create_table('t', sa.Column('k', kind))
op.create_table('u', sa.Column('k', kind))",
        r#"cx.create_enum(enum_type("kind", ["a", "b"]))?; cx.create_table( table("t") .column(column("k", enum_type("kind", ["a", "b"]))), )?; cx.create_table( table("u") .column(column("k", enum_type("kind", ["a", "b"]))), )"#,
    );
    becomes(
        "op.add_column('t', sa.Column('k', postgresql.ENUM('a', name='kind', create_type=False)))",
        r#"cx.add_column("t", column("k", enum_type("kind", ["a"])))"#,
    );
    becomes("sa.Enum(name='kind').drop(op.get_bind())", r#"cx.drop_enum("kind")"#);
    becomes(
        "bind = op.get_bind()\npostgresql.ENUM(name='kind').drop(bind)",
        r#"cx.drop_enum(if_exists("kind"))"#,
    );
    becomes(
        "op.add_column('t', sa.Column('k', sa.Enum('a', 'bcd', native_enum=False)))",
        r#"cx.add_column("t", column("k", varchar(3)))"#,
    );
    is_refused(
        "op.add_column('t', sa.Column('k', sa.Enum(Kind, name='kind')))",
        "1: `Kind` as a value of an enum type",
    );
}

#[test]
fn types_for_single_servers_are_kept_apart() {
    becomes(
        "op.add_column('t', sa.Column('c', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')))",
        r#"cx.add_column("t", column("c", ColumnType::from(Json).on(Dialect::Postgres, Jsonb)))"#,
    );
    is_refused("op.add_column('t', sa.Column('c', models.Money()))", "1: the type `models.Money`");
    is_refused(
        "op.add_column('t', sa.Column('c', postgresql.ARRAY(sa.Text, dimensions=2)))",
        "1: an array of several dimensions",
    );
}

#[test]
fn an_index_is_dropped_with_or_without_its_table() {
    becomes("op.drop_index('ix', table_name='t', postgresql_using='gin')", r#"cx.drop_index("ix", "t")"#);
    becomes("op.drop_index('ix', 't', if_exists=True)", r#"cx.drop_index(if_exists("ix"), "t")"#);
    becomes("op.drop_index('ix')", "cx.execute(r#\"DROP INDEX \"ix\"\"#)");
}

#[test]
fn what_alembic_is_not_told_is_not_made_up() {
    for (statement, expected) in [
        ("op.drop_constraint(None, 't')", "1: `alembic.op.drop_constraint` without a `constraint_name`"),
        (
            "op.add_column('t', sa.Column('c', sa.Text), if_exists=True)",
            "1: the argument `if_exists` of `alembic.op.add_column`",
        ),
        ("op.add_column('t', column)", "1: `column` as a column"),
        (
            "op.add_column(f't{x}', sa.Column('c', sa.Text))",
            "1: an f-string as `table_name` of `alembic.op.add_column`",
        ),
        ("op.create_table('t', *columns)", "1: unpacked arguments in `create_table`"),
        ("op.create_table('t', **options)", "1: unpacked arguments in `create_table`"),
        ("op.execute('SELECT :a')", "1: the parameter `:a` in SQL"),
        (
            "op.execute(sa.text('SELECT 1').bindparams(a=1))",
            "1: a call of `.bindparams` of a call of `sqlalchemy.text` as SQL",
        ),
        ("op.execute(users.update())", "1: a call of `users.update` as SQL"),
        ("rows = op.get_bind().execute('SELECT 1')", "1: a call of `.execute` of the connection as `rows`"),
        (
            "op.get_bind().execute(sa.text('SELECT 1'), {'a': 1})",
            "1: a dictionary as `execution_options` of `a method`",
        ),
        ("pass\nif x:\n    op.drop_table('t')", "2: an `if`"),
        ("for t in tables:\n    op.drop_table(t)", "1: a `for` loop"),
        ("print(op.get_bind().execute('DELETE FROM t'))", "1: a call of `print`"),
        ("print(f'{op.drop_table(1)}')", "1: a call of `print`"),
        ("helper(1)", "1: a call of `helper`"),
        ("op.run_something()", "1: `op.run_something`"),
        ("with open('f') as f:\n    pass", "1: a `with` of a call of `open`"),
        (
            "with op.batch_alter_table('t', naming_convention={}) as b:\n    b.drop_column('c')",
            "1: the argument `naming_convention` of `alembic.op.batch_alter_table`",
        ),
        (
            "op.create_index('ix', 't', ['a'], sqlite_where=sa.text('b'))",
            "1: an index that is partial on SQLite in a way of its own",
        ),
    ] {
        is_refused(statement, expected);
    }
}

#[test]
fn what_does_nothing_to_the_database_is_passed_over() {
    becomes("\"\"\"Upgrade schema.\"\"\"\npass", "Ok(())");
    becomes("print(f'{x}')\nprint('=' * 60)\nop.drop_table('t')  # gone", r#"// gone cx.drop_table("t")"#);
    becomes(
        "op.create_table('t', sa.Column('a', sa.Text), mysql_engine='InnoDB')",
        r#"cx.create_table( table("t") .column(column("a", Text)), )"#,
    );
}

#[test]
fn a_function_that_only_raises_is_irreversible() {
    becomes("\"\"\"No way back.\"\"\"\nraise Exception('it is gone')", r#"Irreversible("it is gone")"#);
    becomes("raise NotImplementedError", r#"Irreversible("its `downgrade` in Alembic raises an error")"#);
}

#[test]
fn rows_are_literals() {
    becomes(
        "t = sa.table('t', sa.column('a', sa.Text), sa.column('b'))\nop.bulk_insert(t, [{'a': 'x', 'b': 1}, {'b': -0.5, 'a': None}])",
        r#"cx.bulk_insert( rows("t", ["a", "b"]) .row(("x", 1)) .row((Null, -0.5)), )"#,
    );
    becomes(
        "op.bulk_insert(sa.table('t'), [{'a': 3000000000}])",
        r#"cx.bulk_insert( rows("t", ["a"]) .row((3000000000_i64,)), )"#,
    );
    is_refused("op.bulk_insert(sa.table('t'), [{'a': now()}])", "1: a call of `now` as the value of \"a\"");
    is_refused("op.bulk_insert(sa.table('t'), [{'a': 1}, {'b': 1}])", "1: rows with different columns");
    is_refused(
        "op.bulk_insert(sa.table('t', sa.column('a', sa.JSON)), [{'a': 'x'}])",
        "1: rows with documents",
    );
}
