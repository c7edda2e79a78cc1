//! Sources for the tests of the checksum.

/// Two sources for each change that `rustfmt` makes; both must come out the same, in every style too.
pub(super) const SAME: &[(&str, &str)] = &[
    // Layout and comments.
    ("fn a(){b(1,2)}", "// why\nfn a() {\n    /* what */\n    b(1, 2)\n}\n"),
    ("/// One.\nstruct A;", "/// Two.\nstruct A;"),
    ("//! One.\nstruct A;", "struct A;"),
    ("struct A;\r\nconst B: &str = \"x\r\ny\";", "struct A;\nconst B: &str = \"x\ny\";"),
    ("const A: &str = \"x \\\n    y\\\\\n z\";", "const A: &str = \"x \\\r\n\ty\\\\\r\n z\";"),
    // Imports.
    ("use b::C;\nuse a::{E, D};\nfn f() {}", "use a::D;\nuse a::E;\n\nuse b::C;\nfn f() {}"),
    ("use a::{b::{self, C}, d as e};", "use a::{b, d as e};\nuse a::b::C;"),
    ("pub use a::{b as b};\nmod z;\nmod y;", "mod y;\nmod z;\npub use a::b;"),
    ("#[cfg(unix)] use a::B;\nuse a::A;", "use a::A;\n#[cfg(unix)]\nuse a::B;"),
    ("fn f() { use b::B; use a::A; g() }", "fn f() {\n    use a::A;\n    use b::B;\n    g()\n}"),
    // Trailing commas.
    (
        "fn f(a: A, b: B,) -> G<A, B,> { [a, b,]; S { a, b, } }",
        "fn f(a: A, b: B) -> G<A, B> { [a, b]; S { a, b } }",
    ),
    ("fn f<A, B,>() where A: B, B: A, {}", "fn f<A, B>() where A: B, B: A {}"),
    ("fn f() { g(|a, b,| a); }", "fn f() { g(|a, b| a); }"),
    ("fn f() { g((a, b,)) }", "fn f() { g((a, b)) }"),
    // Braces.
    ("fn f() { g(|x| { x + 1 }) }", "fn f() { g(|x| x + 1) }"),
    ("fn f() { g(|| { |x| { x } }, move || { 1 }); }", "fn f() { g(|| |x| x, move || 1); }"),
    ("fn f() { match x { A => { 1 } B => 2 } }", "fn f() { match x { A => 1, B => 2, } }"),
    ("fn f() { match x { | A | B => { { 1 } }, _ => {} } }", "fn f() { match x { A | B => 1, _ => {} } }"),
    (
        "fn f() { match x { A => if y { 1 } else { 2 } B => 3 } }",
        "fn f() { match x { A => { if y { 1 } else { 2 } } B => 3 } }",
    ),
    ("fn f() { match x { A => return 1, B => 2 } }", "fn f() { match x { A => { return 1; } B => 2 } }"),
    (
        "fn f() { match x { #[a] | A => g::<B, C>(), _ => {} } }",
        "fn f() { match x { #[a] A => { g::<B, C>() } _ => {} } }",
    ),
    ("fn f() { let a = |x| { x }; b; }", "fn f() { let a = |x| x; b; }"),
    ("fn f() { let a = |x| { S { x } }; b; }", "fn f() { let a = |x| S { x }; b; }"),
    ("fn f() { match x { #![a] | A => 1, | B => 2 } }", "fn f() { match x { #![a] A => 1, B => 2 } }"),
    // Semicolons.
    ("fn f() { if x { return 1 } loop { break } }", "fn f() { if x { return 1; } loop { break; } }"),
    ("fn f() { g();; fn i() {}; h(); }", "fn f() { g(); fn i() {} h(); }"),
    // Spelling.
    ("#[derive(A)]\n#[derive(B, C)]\nstruct S;", "#[derive(A, B, C)]\nstruct S;"),
    ("extern fn f() {}", "extern \"C\" fn f() {}"),
    ("pub(in crate) fn f() { (((1))); }", "pub(crate) fn f() { (1); }"),
    ("fn f(a: & &T) -> & &T { a && b }", "fn f(a: &&T) -> &&T { a && b }"),
    ("fn f(a: Vec<Vec<u8> >) { vec!(1); }", "fn f(a: Vec<Vec<u8>>) { vec![1]; }"),
    ("fn f() { S { a: a, b: c } }", "fn f() { S { a, b: c } }"),
    ("const A: u8 = 0xAb;", "const A: u8 = 0xaB;"),
    ("macro_rules! m { ($x:expr) => ($x) }", "macro_rules! m {\n    ($x:expr) => {\n        $x\n    };\n}"),
    // What does not change a migration.
    (
        "#[migration(revision = \"a\")]\nstruct S;",
        "#[migrate_core::migration(revision = \"b\", message = \"m\")]\nstruct S;",
    ),
    ("#[expect(dead_code)]\nstruct S;", "#![allow(clippy::all)]\nstruct S;"),
    ("struct S;\n#[cfg(test)]\nmod tests { fn f() {} }", "struct S;"),
    (
        "#[derive(A)]\n#[cfg(all(unix, test))]\npub(crate) const fn f() {}\nstruct S;",
        "struct S;\n#[cfg(test)] const A: u8 = { 1 };",
    ),
    ("impl S { #[cfg(test)] pub fn f() {} fn g() {} }", "impl S { fn g() {} }"),
    ("#[cfg(test)]\ndiesel::table! { a (b) { b -> Text, } }\nstruct S;", "struct S;"),
];

/// Two sources that do different things.
pub(super) const DIFFERENT: &[(&str, &str)] = &[
    ("const A: u8 = 1;", "const A: u8 = 2;"),
    ("const A: &str = \"a b\";", "const A: &str = \"a  b\";"),
    ("const A: &str = \"a\\\\\n b\";", "const A: &str = \"a\\\\\n  b\";"),
    ("const A: &str = r\"a\\\n b\";", "const A: &str = r\"a\\\n  b\";"),
    ("const A: &str = \"// a\";", "const A: &str = \"// b\";"),
    ("fn f() { a + b }", "fn f() { a - b }"),
    ("fn f() { a && b }", "fn f() { a & b }"),
    ("fn f() { a && b }", "fn f() { a & &b }"),
    ("fn f() { a || b }", "fn f() { a | b }"),
    ("fn f() { a <= b }", "fn f() { a < b }"),
    ("fn f() { a }", "fn f() { b }"),
    ("fn f() { a }", "fn f() { a; }"),
    ("fn f() { return a; b }", "fn f() { a; b }"),
    ("fn f() { !a }", "fn f() { a }"),
    ("fn f() { g(a, b) }", "fn f() { g(b, a) }"),
    ("fn f() { g((a, b)) }", "fn f() { g(a, b) }"),
    ("fn f() -> (A,) { (a,) }", "fn f() -> (A) { (a) }"),
    ("fn f() { x(|a| b) }", "fn f() { x(|b| a) }"),
    ("fn f() { x(|a| { b; }) }", "fn f() { x(|a| b) }"),
    ("fn f() { match x { A => {} } }", "fn f() { match x { A => () } }"),
    ("fn f() { a; b; }", "fn f() { b; a; }"),
    ("fn f() { a.b.0 }", "fn f() { a.b.1 }"),
    ("use a::B;", "use a::B as C;"),
    ("use a::B;", "pub use a::B;"),
    ("use a::B;", "use b::B;"),
    ("#[cfg(unix)] fn f() {}", "fn f() {}"),
    ("#[cfg(not(test))] fn f() {}", "fn f() {}"),
    ("#[cfg(any(test, unix))] fn f() {}", ""),
    ("struct S { a: A, b: B }", "struct S { b: B, a: A }"),
    ("diesel::table! { a (b) { b -> Text, } }", "diesel::table! { a (b) { b -> Nullable<Text>, } }"),
];

pub(super) const BACKFILL: &str = r#"
use   migrate_core::prelude::*;
use diesel::dsl::{count_star,  exists,};
use crate::helpers::{ self, trim };
use std::{collections::{HashMap, BTreeMap}, fmt};

diesel::table! { users (id) { id -> BigInt, email -> Text, email_normalized -> Nullable<Text>, } }

/// Fill users.email_normalized
#[migration(revision = "c3d4e5", down_revision = "b2c3d4")]
#[derive(Debug)] #[derive(Clone, Copy)]
pub struct NormalizeEmails;

impl Backfill for NormalizeEmails {
    type Connection = crate::Connection;
    type Key = i64;
    type Row = (i64,String);

    fn rows(&self, conn: &mut Self::Connection, span: &Span<i64>) -> QueryResult<Vec<Self::Row>> {
        users::table.select((users::id, users::email)).filter(users::id.gt(span.after()).and(users::id.le(span.until()))).order(users::id).limit(span.limit()).load(conn)
    }
    fn key(&self, row: &Self::Row) -> i64 { return row.0 }

    fn apply(&self, conn: &mut Self::Connection, rows: Vec<Self::Row>) -> Result<()> {
        let kept = rows.into_iter().filter(|(_, email)| { email.contains("@") && ! email.is_empty() && email.len() < 1_000 });
        let by_domain: HashMap<String, Vec<i64> > = kept.clone().fold(HashMap::new(), |mut map, (id, email)| { map.entry(match email.split_once('@') { Some((_, domain)) => { domain.to_owned() } None => String::new() }).or_default().push(id); map });
        for (domain, ids) in & by_domain { if ids.is_empty() { continue } else if domain == "example.com" { return Err(Error::from(format!("{} of {domain}", ids.len(),))) } }
        bulk_update(users::table, users::id, users::email_normalized,).rows(kept.map(|(id, email)| { (id, Some(email.trim().to_lowercase())) })).execute(conn)
    }
    fn remaining(&self, conn: &mut Self::Connection) -> QueryResult<i64> where Self: Sized, { users::table.filter(users::email_normalized.is_null()).select(count_star()).first(conn) }
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> { let _ = cx; if self.key(&(0, String::new())) == 0 { Ok(()) } else { unreachable!("x",) } }
}

#[cfg(test)]
mod tests { use super::*; #[test] fn works() { assert_eq!(NormalizeEmails.key(&(1, String::new())), 1); } }
"#;

pub(super) const OPERATIONS: &str = r#"
//! A schema change.
use migrate_core::prelude::{Context, Migration, Result, migration};
/// Add a status
#[migration(revision = "a1", down_revision = ["b2", "c3"], transaction = false,)]
struct AddStatus ;
const STATES: [&str; 3] = ["active", "suspended", "a very long state that makes a line of more than sixty characters",];
impl Migration for AddStatus {
    type Connection = crate::Connection;
    fn up(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> {
        cx.create_table("accounts", |table| { table.column(column("id", BigInteger).primary_key()).column(column("status", Text).not_null().default("active")).column(column("created_at", Timestamp).default(sql("now()"))) })?;
        for (at, state) in STATES.iter().enumerate() { let label = if at == 0 { "first".to_owned() } else { format!("{at}: {state}") }; cx.execute(&format!("INSERT INTO states VALUES ({}, '{}')", at * 10 + (1), label))?; }
        let rows: Vec<(i64, Option<&'static str>,)> = vec!( (1, Some("x"),), (2, None) );
        match cx.dialect() { | Dialect::Postgres | Dialect::Mysql if rows.len() > 1 => { cx.execute("CREATE INDEX CONCURRENTLY accounts_status ON accounts (status)")?; } Dialect::Sqlite => cx.create_index(index("accounts_status_with_a_long_name").on("accounts", ["status", "created_at"]).unique())?, _ => { return Err(Error::unsupported(cx.dialect())) } };
        Ok(())
    }
    fn down(&self, cx: &mut Context<'_, Self::Connection>) -> Result<()> { cx.revert(|cx| { self.up(cx) }) }
}
"#;
