//! Our plans against recorded answers of Alembic.

use std::path::PathBuf;

use migrate_tests::alembic_cases::{Mistakes, Verdict, judge, read_cases, report};

const SMALL: &str = include_str!("../fixtures/cases_small.jsonl");

/// The larger recordings, which are not part of the repository.
fn recordings() -> Vec<PathBuf> {
    let Some(folder) = migrate_tests::recordings("cases") else { return Vec::new() };
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort_unstable();
    files
}

#[test]
fn we_agree_with_alembic_on_every_recorded_case() {
    let mistakes = Mistakes::known();
    let mut texts = vec![SMALL.to_owned()];
    let files = recordings();
    texts.extend(files.iter().map(|file| std::fs::read_to_string(file).expect("a recording")));
    let mut judged = 0;
    for text in &texts {
        let report = report(&read_cases(text).expect("cases"), &mistakes);
        assert_eq!(report.differ, 0, "{}", report.text);
        judged += report.agree;
    }
    assert!(judged >= 30);
    #[expect(clippy::print_stderr, reason = "says how much was checked")]
    {
        eprintln!("{judged} cases agree: the small fixture and {} recordings", files.len());
    }
}

#[test]
fn every_listed_mistake_of_alembic_is_recognised_in_some_case() {
    let known = Mistakes::known();
    let cases = read_cases(SMALL).expect("cases");
    let mut seen: Vec<&str> = cases
        .iter()
        .filter_map(|case| match judge(case, &known) {
            Verdict::Mistake(mistake) => Some(mistake.name.as_str()),
            _ => None,
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), known.names().count(), "{seen:?}");
    assert_eq!(report(&cases, &Mistakes::none()).differ, known.names().count());
}

#[test]
fn a_wrong_recording_is_noticed() {
    let wrong = |from: &str, to: &str| {
        let line = SMALL.lines().next().expect("a case");
        assert!(line.contains(from));
        let cases = read_cases(&line.replace(from, to)).expect("a case");
        let report = report(&cases, &Mistakes::known());
        assert!(report.text.ends_with("0 agree, 1 differ\n"), "{}", report.text);
    };
    wrong(r#""steps":[["upgrade","aaaa"],"#, r#""steps":["#);
    wrong(r#""heads_after":["bbbb"]"#, r#""heads_after":["aaaa"]"#);
    wrong(r#"["upgrade","bbbb"]"#, r#"["downgrade","bbbb"]"#);
}

#[test]
fn a_file_that_is_not_cases_is_an_error() {
    assert_eq!(read_cases("").expect_err("empty").to_string(), "line 1: no cases");
    assert!(read_cases("{}").expect_err("no fields").to_string().starts_with("line 1: "));
    let line = SMALL.lines().next().expect("a case");
    let twice = format!("{line}\n{line}");
    assert!(read_cases(&twice).expect_err("repeated").to_string().starts_with("line 2: case "));
}
