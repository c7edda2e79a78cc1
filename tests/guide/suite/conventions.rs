//! Every block of every page is one that a test looks at, or says why not.

use crate::project::workspace;
use migrate_guide::page::{blocks, pages};

/// Kinds that are run or compiled, that are an output, and that are only read.
const WORDS: [&str; 14] = [
    "rust",
    "sh",
    "run",
    "start",
    "picture",
    "text",
    "console",
    "toml",
    "sql",
    "python",
    "yaml",
    "dockerfile",
    "json",
    "mermaid",
];

#[test]
fn every_block_has_a_kind_and_an_ignored_one_a_reason() {
    for page in pages(workspace()) {
        let text = std::fs::read_to_string(workspace().join(&page)).expect("a page");
        for block in blocks(&text) {
            let place = format!("{page}:{}", block.line);
            match block.word.strip_suffix(",ignore") {
                None => assert!(WORDS.contains(&block.word.as_str()), "{place}: ```{}", block.word),
                Some("rust" | "sh") => assert!(
                    block.note("not run").is_some_and(|reason| reason.len() > 10),
                    "{place}: say why before it: <!-- not run: … -->"
                ),
                Some(_) => panic!("{place}: ```{}", block.word),
            }
        }
    }
}

#[test]
fn what_a_page_takes_from_a_file_stands_in_that_file() {
    for page in pages(workspace()) {
        let text = std::fs::read_to_string(workspace().join(&page)).expect("a page");
        for block in blocks(&text) {
            let Some(source) = block.note("from") else { continue };
            let file = std::fs::read_to_string(workspace().join(source)).expect("the file of a block");
            assert!(file.contains(block.text.trim()), "{page}:{}: not so in {source}", block.line);
        }
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages(workspace()) {
        let path = workspace().join(&page);
        let text = std::fs::read_to_string(&path).expect("a page");
        for target in
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
        {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") || file.contains(' ') {
                continue;
            }
            let file =
                if file.is_empty() { path.clone() } else { path.parent().expect("a folder").join(file) };
            assert!(file.exists(), "{page}: {target} leads nowhere");
            if !heading.is_empty() && file.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&file).expect("a page");
                assert!(
                    headings(&text).any(|found| found == heading),
                    "{page}: {target} has no such heading"
                );
            }
        }
    }
}

/// The anchors that GitHub makes of a page's headings.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
    })
}
