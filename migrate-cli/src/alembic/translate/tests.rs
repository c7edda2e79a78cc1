//! Statements one by one: what each becomes, and what is refused.

use super::super::python::{Known, Scope, StatementKind, read};
use super::{Naming, NotPlain, Surroundings, translate};
use std::collections::BTreeMap;

const IMPORTS: &str = "from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
";

/// The body of a function as operations, on one line for each; otherwise the line that is not plain, and why.
fn body(statements: &str) -> Result<String, String> {
    body_among("", &[], statements)
}

/// The same in a module that has more in it, and with a naming convention.
fn body_among(further: &str, naming: &[&str], statements: &str) -> Result<String, String> {
    let indented: Vec<_> = statements.lines().map(|line| format!("    {line}\n")).collect();
    let module = read(&format!("{IMPORTS}\ndef upgrade():\n{}\n{further}", indented.concat())).unwrap();
    let mut helpers: BTreeMap<_, _> = module
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Function(function) => Some((function.name.clone(), function.clone())),
            _ => None,
        })
        .collect();
    let upgrade = helpers.remove("upgrade");
    let module = Scope::of_module(&module, &Known::default());
    let naming = Naming::read(naming.iter().copied()).unwrap();
    let around = Surroundings { module: &module, helpers: &helpers, naming: &naming };
    match translate(&upgrade.unwrap(), around) {
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

const EVERY_KIND: [&str; 5] = [
    "ix=ix_%(column_0_label)s",
    "uq=uq_%(table_name)s_%(column_0_N_name)s",
    "ck=ck_%(table_name)s_%(constraint_name)s",
    "fk=fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk=pk_%(table_name)s",
];

#[track_caller]
fn is_named(statements: &str, expected: &str) {
    assert_eq!(body_among("", &EVERY_KIND, statements).as_deref(), Ok(expected), "{statements}");
}

#[test]
fn what_a_script_leaves_unnamed_has_the_name_of_the_convention() {
    is_named(
        "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True), sa.Column('a', sa.Text, unique=True), sa.Column('b', sa.Integer, sa.ForeignKey('app.u.id')))",
        r#"cx.create_table( table("t") .column(column("id", Serial)) .column(column("a", Text)) .column(column("b", Integer)) .constraint(primary_key(["id"]).named("pk_t")) .constraint(foreign_key(["b"], ("app", "u"), ["id"]).named("fk_t_b_u")) .constraint(unique(["a"]).named("uq_t_a")), )"#,
    );
    is_named(
        "op.create_table('t', sa.Column('a', sa.Text), sa.Column('b', sa.Text), sa.UniqueConstraint('a', 'b'), sa.PrimaryKeyConstraint('a'), sa.ForeignKeyConstraint(['a'], ['u.x']), sa.CheckConstraint('b > 0', name='few'))",
        r#"cx.create_table( table("t") .column(column("a", Text)) .column(column("b", Text)) .constraint(primary_key(["a"]).named("pk_t")) .constraint(foreign_key(["a"], "u", ["x"]).named("fk_t_a_u")) .constraint(check("b > 0").named("ck_t_few")) .constraint(unique(["a", "b"]).named("uq_t_a_b")), )"#,
    );
    is_named(
        "op.add_column('t', sa.Column('a', sa.Integer, sa.ForeignKey('u.id', ondelete='CASCADE'), unique=True))",
        r#"cx.add_column("t", column("a", Integer))?; cx.add_constraint("t", foreign_key(["a"], "u", ["id"]).named("fk_t_a_u").on_delete(Cascade))?; cx.add_constraint("t", unique(["a"]).named("uq_t_a"))"#,
    );
    is_named(
        "with op.batch_alter_table('t') as b:\n    b.add_column(sa.Column('a', sa.Integer, index=True))\n    b.create_foreign_key(None, 'u', ['a'], ['id'])",
        r#"cx.add_column("t", column("a", Integer))?; cx.create_index(index("ix_t_a").on("t", ["a"]))?; cx.add_constraint("t", foreign_key(["a"], "u", ["id"]).named("fk_t_a_u"))"#,
    );
    is_named(
        "op.create_unique_constraint(None, 't', ['a', 'b'])",
        r#"cx.add_constraint("t", unique(["a", "b"]).named("uq_t_a_b"))"#,
    );
}

#[test]
fn a_name_that_is_given_goes_into_a_convention_that_asks_for_it_unless_it_is_final() {
    is_named(
        "op.create_check_constraint('few', 't', 'a < 9')",
        r#"cx.add_constraint("t", check("a < 9").named("ck_t_few"))"#,
    );
    is_named("op.drop_constraint('few', 't', type_='check')", r#"cx.drop_constraint("ck_t_few", "t")"#);
    is_named("op.drop_constraint('few', 't')", r#"cx.drop_constraint("few", "t")"#);
    is_named("op.drop_constraint(op.f('few'), 't', type_='check')", r#"cx.drop_constraint("few", "t")"#);
    is_named(
        "op.create_unique_constraint('one', 't', ['a'])",
        r#"cx.add_constraint("t", unique(["a"]).named("one"))"#,
    );
    let unnamed = "op.create_table('t', sa.Column('a', sa.Text), sa.CheckConstraint('a > 0'))";
    assert_eq!(
        body_among("", &EVERY_KIND, unnamed).unwrap_err(),
        "1: a constraint without a name, which its naming convention asks for"
    );
}

#[test]
fn a_final_name_that_is_too_long_is_cut_as_sqlalchemy_cuts_it() {
    let long = "oauth2_authorization_code_organizations_oauth2_authorization_code_id_fkey";
    // The end is the end of the name's MD5.
    let cut = "oauth2_authorization_code_organizations_oauth2_authoriz_0a46";
    becomes(
        &format!("op.drop_constraint(op.f('{long}'), 't', type_='foreignkey')"),
        &format!(r#"cx.drop_constraint("{cut}", "t")"#),
    );
    becomes(
        &format!(
            "op.create_table('t', sa.Column('a', sa.Text), sa.UniqueConstraint('a', name=op.f('{long}')))"
        ),
        &format!(
            r#"cx.create_table( table("t") .column(column("a", Text)) .constraint(unique(["a"]).named("{cut}")), )"#
        ),
    );
}

#[test]
fn a_branch_for_a_server_is_one_here() {
    becomes(
        "if op.get_bind().dialect.name == 'postgresql':\n    op.execute('A')\nelse:\n    op.execute('B')\nop.drop_table('t')",
        r#"if cx.dialect() == Dialect::Postgres { cx.execute("A")?; } else { cx.execute("B")?; } cx.drop_table("t")"#,
    );
    becomes(
        "conn = op.get_bind()\ndialect = conn.dialect.name\nif dialect != 'sqlite':\n    op.drop_table('t')",
        r#"if cx.dialect() != Dialect::Sqlite { cx.drop_table("t")?; } Ok(())"#,
    );
    becomes(
        "if op.get_context().dialect.name in ('sqlite', 'mysql'):\n    op.execute('A')\nelif op.get_bind().engine.name == 'postgresql':\n    op.execute('B')",
        r#"if cx.dialect() != Dialect::Postgres { cx.execute("A")?; } else { cx.execute("B")?; } Ok(())"#
            .replace("else {", "else if cx.dialect() == Dialect::Postgres {")
            .as_str(),
    );
    // What is left is the rest of the function, on the other server.
    becomes(
        "if op.get_bind().dialect.name == 'sqlite':\n    return\nop.drop_table('t')\nop.drop_table('u')",
        r#"if cx.dialect() != Dialect::Sqlite { cx.drop_table("t")?; cx.drop_table("u")?; } Ok(())"#,
    );
    // Servers that are not ours, and a mode that is none of ours.
    becomes(
        "if op.get_bind().dialect.name == 'mysql':\n    op.execute(f'{x}')\nelse:\n    op.drop_table('t')",
        r#"cx.drop_table("t")"#,
    );
    becomes("if not op.get_context().as_sql:\n    op.drop_table('t')", r#"cx.drop_table("t")"#);
    becomes(
        "if op.get_bind().dialect.name == 'mssql':\n    return\nop.drop_table('t')",
        r#"cx.drop_table("t")"#,
    );
}

#[test]
fn a_return_on_some_servers_never_hides_what_follows() {
    is_refused(
        "if not op.get_context().as_sql:\n    if op.get_bind().dialect.name == 'sqlite':\n        return\n    op.drop_table('t')\nop.drop_table('u')",
        "1: a `return` on some servers only",
    );
    is_refused(
        "for t in ['a']:\n    if op.get_bind().dialect.name == 'sqlite':\n        return\n    op.drop_table(t)",
        "1: a `return` in a loop",
    );
}

#[test]
fn what_a_branch_sets_is_not_known_behind_it() {
    is_refused(
        "kind = sa.Text()\nif op.get_bind().dialect.name == 'sqlite':\n    kind = sa.Integer()\nop.add_column('t', sa.Column('a', kind))",
        "4: the type `kind`",
    );
}

#[test]
fn a_loop_over_known_values_is_its_body_for_each() {
    becomes(
        "for table in ('a', 'b'):\n    op.drop_index(f'ix_{table}_x', table)",
        r#"cx.drop_index("ix_a_x", "a")?; cx.drop_index("ix_b_x", "b")"#,
    );
    becomes(
        "pairs = [('t', 'x'), ('u', 'y')]\nfor table, column in pairs:\n    op.execute(f\"UPDATE {table} SET {column} = '{{}}'\")",
        r#"cx.execute("UPDATE t SET x = '{}'")?; cx.execute("UPDATE u SET y = '{}'")"#,
    );
    is_refused("for t in op.get_bind().execute('SELECT 1'):\n    op.drop_table(t)", "1: a `for` loop");
    is_refused("for t in ['a']:\n    break", "2: break_statement");
}

#[test]
fn a_function_of_the_script_is_what_it_does_with_its_arguments() {
    let helper = "def drop(table, *, schema):\n    op.drop_table(table)\n";
    assert!(body_among(helper, &[], "drop('t', schema='s')").is_err());
    let helper = "def drop(table: str, column='c'):\n    op.drop_column(table, column)\n";
    let of = |call: &str| body_among(helper, &[], call);
    assert_eq!(of("drop('t')").as_deref(), Ok(r#"cx.drop_column("t", "c")"#));
    assert_eq!(of("drop('t', column='d')").as_deref(), Ok(r#"cx.drop_column("t", "d")"#));
    for call in ["drop()", "drop('t', 'c', 'd')", "drop('t', other=1)", "drop(next_table())"] {
        assert_eq!(of(call).unwrap_err(), "1: a call of `drop`", "{call}");
    }
}

#[test]
fn what_a_logger_says_is_passed_over() {
    let further = "import logging\nlogger = logging.getLogger(__name__)\n";
    let found = body_among(further, &[], "logger.info('dropping %s', 't')\nop.drop_table('t')");
    assert_eq!(found.as_deref(), Ok(r#"cx.drop_table("t")"#));
}

#[test]
fn a_foreign_key_that_is_left_to_an_alter_is_only_made_where_there_is_none() {
    let keys =
        "sa.ForeignKeyConstraint(['a'], ['u.id'], use_alter=True), sa.ForeignKeyConstraint(['a'], ['v.id'])";
    let made = |keys: &str| format!(r#"cx.create_table( table("t") .column(column("a", Text)){keys}, )?;"#);
    let [u, v] = ["u", "v"].map(|table| format!(r#" .constraint(foreign_key(["a"], "{table}", ["id"]))"#));
    becomes(
        &format!("op.create_table('t', sa.Column('a', sa.Text), {keys})"),
        &format!(
            "if cx.dialect() == Dialect::Sqlite {{ {} }} else {{ {} }} Ok(())",
            made(&(u + &v)),
            made(&v)
        ),
    );
}

#[test]
fn a_commit_in_the_middle_takes_the_transaction_away() {
    let outside = |statements: &str| {
        let module = read(&format!("{IMPORTS}\ndef upgrade():\n{statements}")).unwrap();
        let StatementKind::Function(upgrade) = &module.last().unwrap().kind else { panic!() };
        let module = Scope::of_module(&module, &Known::default());
        let (helpers, naming) = (BTreeMap::new(), Naming::default());
        let around = Surroundings { module: &module, helpers: &helpers, naming: &naming };
        translate(upgrade, around).unwrap().unwrap().outside
    };
    assert!(!outside("    op.get_bind().commit()\n    op.drop_table('t')\n"));
    assert!(outside("    op.execute('A')\n    op.get_bind().commit()\n    op.execute('B')\n"));
    becomes("op.get_bind().commit()\nop.drop_table('t')", r#"cx.drop_table("t")"#);
}

#[test]
fn a_context_that_does_nothing_is_its_body() {
    let further = "from contextlib import nullcontext\n";
    let found = body_among(further, &[], "with nullcontext():\n    op.drop_table('t')");
    assert_eq!(found.as_deref(), Ok(r#"cx.drop_table("t")"#));
}

#[test]
fn an_empty_list_of_included_columns_is_none() {
    becomes(
        "op.create_unique_constraint('uq', 't', ['a'], postgresql_include=[])\nop.create_index('ix', 't', ['a'], postgresql_include=[])",
        r#"cx.add_constraint("t", unique(["a"]).named("uq"))?; cx.create_index(index("ix").on("t", ["a"]))"#,
    );
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
