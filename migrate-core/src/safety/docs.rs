//! `docs/safety.md` and the code in it: written from the rules, compiled, and tried on the rules.
//!
//! `UPDATE_EXPECT=1 cargo test -p migrate-core safety::docs`, twice, writes both files anew: what a rule prints
//! instead of its example is known only once the example is compiled.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::examples::{SAFE, UNSAFE};
use super::testing::{Tested, step_on};
use super::{Alternative, Attached, AttachedKind, Concern, Facts, Level, LockTimeout, RULES, Rule};
use crate::connection::Dialect;

/// What comes before the rules.
const INTRODUCTION: &str = "\
# Safety rules

<!-- Written by `UPDATE_EXPECT=1 cargo test -p migrate-core safety::docs` from the rules themselves. -->

A migration shares the database with everybody who uses it. A rule looks at what a step would do, before anything
runs, and says what is dangerous about it: which table, which lock, who waits. Each finding comes with Rust code that
does the same safely, the names filled in.

```text
warning: index-not-concurrent in 4f1c9a2e (create index idx_users_email on users)
  nobody can write to users (about 1,200,000 rows) while index idx_users_email is built (SHARE on users)
  instead:
    // in a revision with `transaction = false`
    cx.create_index(index(\"idx_users_email\").on(\"users\", [\"email\"]).concurrently())?;
```

**Levels.** A rule is allowed, warned about, or denied. By default rules warn about what stops others, fails, or breaks
a release that still runs; rules about the design of a schema, where nothing happens during the migration, are allowed
until somebody asks for them. `migrate plan` and `migrate check` tell warnings on stderr. `migrate upgrade` does not
repeat them; it refuses what a denied rule finds before anything runs, with exit code 7. A downgrade is never refused,
and rules about running code are not asked about one: it is how one gets out of trouble.

<!-- not run: the revision is an example -->
```sh,ignore
migrate check --safety                                    # the pending revisions, for CI beside a database
migrate check --safety --no-db --dialect postgres --since 4f1c9a2e   # those after a revision, without one
migrate check --safety --deny-warnings --json
migrate upgrade --rule drop-column=deny --rule raw-sql=deny
MIGRATE_SAFETY=all=deny,json-column=allow migrate upgrade
```

**Excuses.** Where something is safe all the same, the migration says so and why. The reason is shown by `check -v` and
stands in its `--json`; the checksum of the migration does not change.

```rust
#[migration(revision = \"4f1c9a2e\", allow(drop_column, reason = \"no release has read it since 2.3\"))]
```

**What does not count.** A table that the same run creates is used by nobody, so what happens to it hurts nobody. With
a database at hand the rules also know its version, its rows, its invalid indexes, which columns hold no NULL, and what
is attached to each table.
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What an example needs besides its code for the rule to find something.
fn surrounded(rule: &Rule, tested: Tested) -> Tested {
    let facts = Facts::default();
    match rule.name {
        "invalid-index" => tested
            .with(Facts { invalid_indexes: [("users_email_idx".into(), "users".into())].into(), ..facts }),
        "no-lock-timeout" => tested.with(Facts { lock_timeout: LockTimeout::Endless, ..facts }),
        "large-rebuild" => tested.with(Facts { rows: [("users".into(), 5_000_000)].into(), ..facts }),
        "unsaid-loss" => {
            let index = Attached {
                kind: AttachedKind::Index,
                name: "sessions_by_user".to_owned(),
                columns: ["user_id".to_owned()].into(),
            };
            tested.with(Facts { attached: [("sessions".into(), [index].into())].into(), ..facts })
        }
        _ => tested,
    }
}

/// The example of a rule as the rule sees it; `None` until it is compiled.
fn example(rule: &Rule) -> Option<Tested> {
    let (_, body) = UNSAFE.iter().find(|(name, _)| *name == rule.name)?;
    let tested = surrounded(rule, step_on(rule.dialects[0], body).forecast());
    Some(if rule.example.transaction { tested } else { tested.outside_transaction() })
}

fn alternative(rule: &Rule) -> Alternative {
    example(rule).and_then(|example| example.finds(rule).alternative).unwrap_or_default()
}

fn servers(rule: &Rule) -> String {
    let names: Vec<_> = rule.dialects.iter().map(Dialect::to_string).collect();
    names.join(", ")
}

fn page() -> String {
    let mut page = format!("{INTRODUCTION}\n| rule | finds | level | servers |\n|---|---|---|---|\n");
    for rule in RULES {
        let Rule { name, summary, level, .. } = rule;
        let _ = writeln!(page, "| [{name}](#{name}) | {summary} | {level} | {} |", servers(rule));
    }
    for rule in RULES {
        let Rule { name, summary, level, concern, lock, explanation, example, .. } = rule;
        let mut sentence = summary.to_string();
        sentence[..1].make_ascii_uppercase();
        let _ = write!(
            page,
            "\n## {name}\n\n{sentence}.\n\n*{concern} · {level} · {} · lock: {lock}*\n\n{explanation}\n\n",
            servers(rule)
        );
        let attribute =
            if example.transaction { "" } else { "// in a revision with `transaction = false`\n" };
        let _ = writeln!(page, "```rust\n{attribute}{}\n```", example.code);
        let other = alternative(rule).to_string();
        if !other.is_empty() {
            let _ = writeln!(page, "\nInstead:\n\n```rust\n{other}\n```");
        }
    }
    page
}

/// The examples and what stands instead of them, as functions.
fn examples() -> String {
    let mut code = String::from(
        "//! The code of `docs/safety.md`, so that it compiles. Written by the tests of `docs`.\n\n\
         use crate::prelude::*;\n\n\
         type Body = fn(&mut Context<'_, AnyConnection>) -> Result<()>;\n",
    );
    let (mut before, mut after) = (String::new(), String::new());
    let mut function = |name: &str, body: &str| {
        let _ = write!(
            code,
            "\nfn {name}(cx: &mut Context<'_, AnyConnection>) -> Result<()> {{\n    {}\n    Ok(())\n}}\n",
            body.replace('\n', "\n    ")
        );
    };
    for rule in RULES {
        let name = rule.name.replace('-', "_");
        function(&format!("{name}_unsafe"), rule.example.code);
        let _ = writeln!(before, "    ({:?}, {name}_unsafe),", rule.name);
        let drafts = alternative(rule).revisions.into_iter().filter(|draft| !draft.code.is_empty());
        for (number, draft) in drafts.enumerate() {
            let function_name = format!("{name}_safe_{number}");
            function(&function_name, &draft.code);
            let _ = writeln!(after, "    ({:?}, {}, {function_name}),", rule.name, draft.transaction);
        }
    }
    let _ = write!(
        code,
        "\n/// What each rule finds something in.\npub(super) const UNSAFE: &[(&str, Body)] = &[\n{before}];\n\n\
         /// What each rule says instead, and whether in a transaction.\n\
         pub(super) const SAFE: &[(&str, bool, Body)] = &[\n{after}];\n"
    );
    code
}

#[track_caller]
fn assert_is_written(path: &str, expected: &str) {
    let path = root().join(path);
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("UPDATE_EXPECT").is_some() && written != expected {
        std::fs::write(&path, expected).unwrap();
        return;
    }
    assert!(
        written == expected,
        "{} is not what the rules say: UPDATE_EXPECT=1 cargo test -p migrate-core safety::docs, twice",
        path.display()
    );
}

#[test]
fn the_documentation_is_what_the_rules_say() {
    assert_is_written("docs/safety.md", &page());
}

#[test]
fn the_examples_and_what_stands_instead_compile() {
    assert_is_written("migrate-core/src/safety/examples.rs", &examples());
}

#[test]
fn each_rule_finds_its_example_and_says_something_else_instead() {
    for rule in RULES {
        let hit = example(rule).unwrap().finds(rule);
        assert!(hit.alternative.is_some() || rule.name == "raw-sql", "{}", rule.name);
        assert!(!hit.danger.ends_with('.') && !hit.danger.is_empty(), "{}: {}", rule.name, hit.danger);
    }
}

#[test]
fn what_a_rule_says_instead_breaks_neither_it_nor_a_rule_about_others() {
    for (name, transaction, body) in SAFE {
        let rule = RULES.iter().find(|rule| rule.name == *name).unwrap();
        let mut tested = step_on(rule.dialects[0], body).forecast();
        if !transaction {
            tested = tested.outside_transaction();
        }
        tested.passes(rule);
        // One alter_table for several conversions is still conversions.
        let others = RULES.iter().filter(|other| {
            matches!(other.concern, Concern::Blocking | Concern::Failure)
                && other.level == Level::Warn
                && *name != "several-alters"
        });
        others.for_each(|other| tested.passes(other));
    }
}

#[test]
fn names_are_in_kebab_case_and_texts_are_sentences() {
    for rule in RULES {
        let Rule { name, summary, explanation, level, dialects, .. } = rule;
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
        assert!(
            !summary.ends_with('.')
                && summary.starts_with(|c: char| c.is_lowercase() || c == 'S' || c == 'C' || c == 'N'),
            "{name}: {summary}"
        );
        assert!(explanation.ends_with('.') && !explanation.contains("  "), "{name}");
        assert!(*level < Level::Deny && !dialects.is_empty(), "{name}");
        assert_eq!(RULES.iter().filter(|other| other.name == *name).count(), 1, "{name}");
    }
}
