use super::{Kind, LexError, Tree, lex, line_of};

fn texts(source: &str) -> Vec<String> {
    fn walk(trees: &[Tree<'_>], out: &mut Vec<String>) {
        for tree in trees {
            match tree {
                Tree::Token(token) => out.push(token.text.to_owned()),
                Tree::Group(group) => walk(&group.trees, out),
            }
        }
    }
    let mut out = Vec::new();
    walk(&lex(source).expect("balanced tokens"), &mut out);
    out
}

#[test]
fn comments_and_white_space_are_not_tokens() {
    let source = "\u{feff}#!/usr/bin/env x\na // b\n/* c /* d */ */ e /// f\n/** g */ h";
    assert_eq!(texts(source), ["a", "e", "h"]);
}

#[test]
fn literals_are_one_token_each() {
    for literal in [
        r#""a \" b""#,
        r##"r#"a " b"#"##,
        r#"b"x""#,
        "b'\\''",
        "'\\u{1F600}'",
        "'é'",
        "'\"'",
        "c\"x\"",
        "cr\"x\"",
        "1_000u64",
        "0xFFe",
        "1.5e-3f64",
        "2E+10",
        "1.",
    ] {
        let trees = lex(literal).expect("a literal");
        assert!(
            matches!(&*trees, [Tree::Token(token)] if token.kind == Kind::Literal),
            "{literal}: {trees:?}"
        );
    }
}

#[test]
fn ranges_indices_and_methods_do_not_become_floats() {
    assert_eq!(texts("0..10"), ["0", ".", ".", "10"]);
    assert_eq!(texts("pair.0.1"), ["pair", ".", "0", ".", "1"]);
    assert_eq!(texts("1.max(2)"), ["1", ".", "max", "2"]);
    assert_eq!(texts("0xE+1"), ["0xE", "+", "1"]);
    assert_eq!(texts("..1.5"), [".", ".", "1.5"]);
}

#[test]
fn lifetimes_and_raw_identifiers_are_told_from_literals() {
    let trees = lex("&'a r#type 'static").expect("tokens");
    let kinds: Vec<_> =
        trees.iter().filter_map(|tree| if let Tree::Token(t) = tree { Some(t.kind) } else { None }).collect();
    assert_eq!(kinds, [Kind::Punct, Kind::Lifetime, Kind::Ident, Kind::Lifetime]);
}

#[test]
fn text_without_balance_is_an_error() {
    for source in ["fn a() {", "}", "(]", "\"open", "/* open", "r#\"open\""] {
        assert_eq!(lex(source), Err(LexError), "{source}");
    }
}

#[test]
fn lines_count_from_one() {
    assert_eq!([0, 1, 2, 3].map(|offset| line_of("a\nb\n", offset)), [1, 1, 2, 2]);
}
