//! Attributes that do not count, and the items that exist only under test.

use crate::lexer::{Delimiter, Group, Tree};

/// Removes attributes that change nothing, and `#[cfg(test)]` items.
pub(super) fn strip(trees: &mut Vec<Tree<'_>>) {
    if !trees.iter().any(|tree| tree.is("#")) {
        return;
    }
    let mut keep = vec![true; trees.len()];
    let mut at = 0;
    while at < trees.len() {
        let attributes = run(trees, at);
        let end = attributes.last().map_or(at + 1, |attribute| attribute.end);
        let is_test =
            attributes.iter().any(|attribute| attribute.is_outer && is_test_only(attribute.content));
        if let Some(item_end) = is_test.then(|| item_end(trees, end)).flatten() {
            keep[at..item_end].fill(false);
            at = item_end;
            continue;
        }
        for attribute in &attributes {
            if is_ignored(attribute.content) {
                keep[attribute.start..attribute.end].fill(false);
            }
        }
        at = end;
    }
    let mut keep = keep.into_iter();
    trees.retain(|_| keep.next().unwrap_or(true));
}

/// Moves the content of a `derive` into the `derive` right before it, which is what `rustfmt` does.
///
/// `out` ends with the `#` of the attribute whose content is `trees`; both are consumed on success.
pub(super) fn join_derive<'a>(out: &mut Vec<Tree<'a>>, trees: &mut [Tree<'a>]) -> bool {
    let [name, Tree::Group(added)] = trees else { return false };
    let [.., hash, Tree::Group(previous), last] = &mut **out else { return false };
    if !name.is("derive") || !hash.is("#") || !last.is("#") {
        return false;
    }
    let [previous_name, Tree::Group(Group { trees: paths, .. })] = &mut *previous.trees else { return false };
    if !previous_name.is("derive") {
        return false;
    }
    paths.push(COMMA);
    paths.append(&mut added.trees);
    out.pop();
    true
}

const COMMA: Tree<'static> =
    Tree::Token(crate::lexer::Token { kind: crate::lexer::Kind::Punct, text: ",", start: 0 });

struct Attribute<'t, 'a> {
    start: usize,
    end: usize,
    is_outer: bool,
    content: &'t [Tree<'a>],
}

/// The attributes that follow one another from an index on.
fn run<'t, 'a>(trees: &'t [Tree<'a>], mut at: usize) -> Vec<Attribute<'t, 'a>> {
    let mut attributes = Vec::new();
    while trees.get(at).is_some_and(|tree| tree.is("#")) {
        let is_outer = !trees.get(at + 1).is_some_and(|tree| tree.is("!"));
        let group = if is_outer { at + 1 } else { at + 2 };
        let Some(content) = trees.get(group).and_then(|tree| tree.group(Delimiter::Bracket)) else { break };
        attributes.push(Attribute { start: at, end: group + 1, is_outer, content });
        at = group + 1;
    }
    attributes
}

/// Documentation, lints, formatting, and the attribute of the migration itself.
fn is_ignored(content: &[Tree<'_>]) -> bool {
    let path = content.iter().take_while(|tree| tree.ident().is_some() || tree.is(":"));
    let first = content.first().map_or("", Tree::text);
    matches!(first, "doc" | "allow" | "expect" | "warn" | "deny" | "forbid" | "rustfmt" | "clippy")
        || path.last().is_some_and(|tree| tree.is("migration"))
}

/// `cfg(test)` and `cfg(all(…, test, …))`.
fn is_test_only(content: &[Tree<'_>]) -> bool {
    fn needs_test(predicate: &[Tree<'_>]) -> bool {
        match predicate {
            [name] | [name, _] if name.is("test") => true,
            [name, group, ..] if name.is("all") => group
                .group(Delimiter::Parenthesis)
                .is_some_and(|all| all.split(|tree| tree.is(",")).any(needs_test)),
            _ => false,
        }
    }
    match content {
        [name, group] if name.is("cfg") => group.group(Delimiter::Parenthesis).is_some_and(needs_test),
        _ => false,
    }
}

/// The index after the item that begins at `start`; `None` when that is no item but a field, an arm, an argument.
pub(crate) fn item_end(trees: &[Tree<'_>], start: usize) -> Option<usize> {
    let mut at = start;
    if trees.get(at)?.is("pub") {
        at += 1;
        if trees.get(at)?.group(Delimiter::Parenthesis).is_some() {
            at += 1;
        }
    }
    let word = trees.get(at)?.ident()?;
    let next = trees.get(at + 1);
    let by_semicolon = match word {
        "use" | "static" | "type" | "let" => true,
        "const" => !next.is_some_and(|tree| {
            tree.is("fn") || tree.is("unsafe") || tree.is("async") || tree.is("extern") || tree.is("trait")
        }),
        "extern" => next.is_some_and(|tree| tree.is("crate")),
        "fn" | "mod" | "impl" | "struct" | "enum" | "union" | "trait" | "unsafe" | "async"
        | "macro_rules" => false,
        _ if next.is_some_and(|tree| tree.is("!") || tree.is(":")) => {
            // A macro call, by name or by path; a field also has a colon, but no `!` before its end.
            let bang =
                trees[at..].iter().take_while(|tree| !tree.is(",") && !tree.is(";")).any(|tree| tree.is("!"));
            if !bang {
                return None;
            }
            false
        }
        _ => return None,
    };
    let length = trees[at..]
        .iter()
        .position(|tree| tree.is(";") || (!by_semicolon && tree.group(Delimiter::Brace).is_some()));
    Some(length.map_or(trees.len(), |length| at + length + 1))
}
