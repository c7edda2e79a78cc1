mod samples;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::samples::{BACKFILL, DIFFERENT, OPERATIONS, SAME};
use super::{canonical, checksum};

/// Styles that `rustfmt` may be asked for: options of the stable channel.
const STYLES: &[&str] = &[
    "max_width=100",
    "max_width=60,use_small_heuristics=Off",
    "max_width=110,use_small_heuristics=Max",
    "max_width=40,reorder_imports=false,reorder_modules=false",
    "match_block_trailing_comma=true,hard_tabs=true,newline_style=Windows",
    "use_field_init_shorthand=true,match_arm_leading_pipes=Always,merge_derives=false",
    "style_edition=2015,fn_params_layout=Compressed",
    "style_edition=2024,force_explicit_abi=false,remove_nested_parens=false",
];

/// Formats a source; `None` when this style leaves it alone because of an error.
fn rustfmt(source: &str, style: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config", style])
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("rustfmt is part of the toolchain");
    let mut stdin = rustfmt.stdin.take().expect("piped");
    let source = source.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(source.as_bytes()));
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    let _ = writer.join();
    output.status.success().then(|| String::from_utf8(output.stdout).expect("rustfmt writes text"))
}

/// Where two canonical texts part, with what stands around it.
fn difference(one: &str, other: &str) -> String {
    let at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let bytes = &text.as_bytes()[at.saturating_sub(80)..text.len().min(at + 80)];
        String::from_utf8_lossy(bytes).into_owned()
    };
    format!("{}\n{}", around(one), around(other))
}

#[test]
fn what_rustfmt_may_change_does_not_count() {
    for (one, other) in SAME {
        let (one, other) = (canonical(one).expect(one), canonical(other).expect(other));
        assert_eq!(one, other);
    }
}

#[test]
fn what_a_migration_does_counts() {
    for (one, other) in DIFFERENT {
        assert_ne!(checksum(one).expect(one), checksum(other).expect(other), "{one}\n{other}");
    }
}

/// Each source that stands in the tables above, and the badly formatted migrations, in each style.
#[test]
fn every_style_of_rustfmt_has_the_same_checksum() {
    // One run of rustfmt for a table: a module for each source, kept apart by its name.
    let module = |(at, source): (usize, &str)| format!("mod m{at} {{ {} }}\n", source.replace("//!", "///"));
    let halves = SAME.iter().chain(DIFFERENT).flat_map(|(one, other)| [*one, *other]);
    let table: String = halves.filter(|source| !source.contains("#![")).enumerate().map(module).collect();
    for source in [&*table, BACKFILL, OPERATIONS] {
        let expected = canonical(source).expect("tokens");
        for style in STYLES {
            let formatted = rustfmt(source, style).unwrap_or_else(|| panic!("rustfmt refuses {style}"));
            let actual = canonical(&formatted).expect("tokens");
            assert!(expected == actual, "{style}\n{}", difference(&expected, &actual));
        }
    }
}

#[test]
fn each_token_of_a_migration_counts() {
    let expected = checksum(BACKFILL).expect("tokens");
    for (from, to) in [
        ("i64", "i32"),
        ("span.after()", "span.until()"),
        (".gt(", ".ge("),
        ("to_lowercase", "to_uppercase"),
        ("&&", "||"),
        ("\"@\"", "\"#\""),
        ("Nullable<Text>", "Text"),
        ("== 0", "!= 0"),
        ("1_000", "1_001"),
        ("Some(", "Ok("),
    ] {
        assert!(BACKFILL.contains(from), "{from}");
        assert_ne!(checksum(&BACKFILL.replacen(from, to, 1)).expect("tokens"), expected, "{from} -> {to}");
    }
}

#[test]
fn a_checksum_is_the_same_on_every_compiler_and_machine() {
    assert_eq!(
        canonical("use b::{C, A};\nfn f(a: &'a str,) -> u8 { g(|x| { x }, 0xFF) }").expect("tokens"),
        "use b : : A ; use b : : C ; fn f ( a : & 'a str ) - > u8 { g ( | x | x , 0xff ) } ",
    );
    assert_eq!(
        checksum("struct S;").expect("tokens"),
        // printf 'struct S ; ' | sha256sum
        "bfb2725ac507bb12201f2efb5abc614c34b35da158227623f8e3e20e219f87f7",
    );
}

#[test]
fn text_that_is_no_rust_has_no_checksum() {
    assert_eq!(checksum("fn f( {"), None);
}

/// The sources of this crate, or of a corpus of one's own: `MIGRATE_CORPUS=directory`; with `MIGRATE_EVERY=10`
/// every tenth file of it.
#[test]
fn a_corpus_keeps_its_checksums_in_every_style() {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let directory = std::env::var("MIGRATE_CORPUS").unwrap_or_else(|_| own.to_owned());
    let every = std::env::var("MIGRATE_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(1);
    let mut compared = 0;
    let mut differences = Vec::new();
    for path in sources_below(Path::new(&directory)).iter().step_by(every) {
        let source = std::fs::read_to_string(path).unwrap_or_default();
        let Some(expected) = canonical(&source) else { continue };
        for style in STYLES {
            let Some(formatted) = rustfmt(&source, style) else { continue };
            let actual = canonical(&formatted).expect("rustfmt writes tokens");
            compared += 1;
            if actual != expected {
                differences.push(format!("{} {style}\n{}\n", path.display(), difference(&expected, &actual)));
            }
        }
    }
    assert!(differences.is_empty(), "{} of {compared} differ\n{}", differences.len(), differences.join("\n"));
    assert_ne!(compared, 0, "no sources below {directory}");
}

fn sources_below(directory: &Path) -> Vec<PathBuf> {
    let mut sources = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources.append(&mut sources_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    sources.sort();
    sources
}
