//! `use`, `mod x;` and `extern crate`: declarations whose order in their block means nothing.

use crate::lexer::{Delimiter, Kind, Token, Tree};

/// Moves these declarations to the front of their block: each import as one path, all of them sorted.
pub(super) fn hoist(trees: Vec<Tree<'_>>) -> Vec<Tree<'_>> {
    let mut hoisted: Vec<(String, Vec<Tree<'_>>)> = Vec::new();
    let mut keep = vec![true; trees.len()];
    for keyword in 0..trees.len() {
        let Some(end) = declaration_end(&trees, keyword) else { continue };
        let start = prefix_start(&trees, keyword);
        keep[start..end].fill(false);
        let mut lines = Vec::new();
        if trees[keyword].is("use") {
            let mut path = trees[start..=keyword].to_vec();
            flatten(&mut path, &trees[keyword + 1..end - 1], keyword + 1 - start, &mut lines);
        } else {
            lines.push(trees[start..end - 1].to_vec());
        }
        for mut line in lines {
            line.push(SEMICOLON);
            let mut text = String::new();
            super::write(&line, &mut text);
            hoisted.push((text, line));
        }
    }
    if hoisted.is_empty() && keep.iter().all(|keep| *keep) {
        return trees;
    }
    hoisted.sort_by(|a, b| a.0.cmp(&b.0));
    hoisted.dedup_by(|a, b| a.0 == b.0);
    let rest = trees.into_iter().zip(keep).filter_map(|(tree, keep)| keep.then_some(tree));
    hoisted.into_iter().flat_map(|(_, line)| line).chain(rest).collect()
}

const SEMICOLON: Tree<'static> = Tree::Token(Token { kind: Kind::Punct, text: ";", start: 0 });

/// The index after the declaration whose keyword is at an index, if there is one.
fn declaration_end(trees: &[Tree<'_>], keyword: usize) -> Option<usize> {
    let next = trees.get(keyword + 1)?;
    match trees[keyword].ident()? {
        "use" if !next.is("<") => {}
        "mod" if trees.get(keyword + 2).is_some_and(|tree| tree.is(";")) => {}
        "extern" if next.is("crate") => {}
        _ => return None,
    }
    let length = trees[keyword..].iter().position(|tree| tree.is(";"))?;
    Some(keyword + length + 1)
}

/// Where the attributes and the visibility before a keyword begin.
fn prefix_start(trees: &[Tree<'_>], keyword: usize) -> usize {
    let mut start = keyword;
    match &trees[..start] {
        [.., word, scope] if word.is("pub") && scope.group(Delimiter::Parenthesis).is_some() => start -= 2,
        [.., word] if word.is("pub") => start -= 1,
        _ => {}
    }
    while let [.., hash, content] = &trees[..start] {
        if !hash.is("#") || content.group(Delimiter::Bracket).is_none() {
            break;
        }
        start -= 2;
    }
    start
}

/// Collects the single paths of a use tree; `path` holds what leads to it, of which `head` trees are no path.
fn flatten<'a>(path: &mut Vec<Tree<'a>>, tree: &[Tree<'a>], head: usize, lines: &mut Vec<Vec<Tree<'a>>>) {
    if let [way @ .., last] = tree
        && let Some(branches) = last.group(Delimiter::Brace)
    {
        let length = path.len();
        path.extend_from_slice(way);
        for branch in branches.split(|tree| tree.is(",")).filter(|branch| !branch.is_empty()) {
            flatten(path, branch, head, lines);
        }
        path.truncate(length);
        return;
    }
    let mut line = path.clone();
    match tree {
        // `a::{self as b}` is `a as b`.
        [first, alias @ ..] if first.is("self") && line.len() > head + 2 => {
            line.truncate(line.len() - 2);
            line.extend_from_slice(alias);
        }
        _ => line.extend_from_slice(tree),
    }
    if let [.., name, word, alias] = &*line
        && word.is("as")
        && name.text() == alias.text()
    {
        line.truncate(line.len() - 2);
    }
    lines.push(line);
}
