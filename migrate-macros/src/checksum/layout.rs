//! Punctuation and braces that `rustfmt` adds, removes or spells differently.

use super::{Place, item_end, takes_operand};
use crate::lexer::{Delimiter, Kind, Token, Tree};

/// What becomes of a tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Keep,
    Drop,
    /// A group's content takes its place.
    Unwrap,
    Replace(&'static str),
}

/// Applies the rules to one sequence of trees, whose groups already went through it.
pub(super) fn apply(trees: Vec<Tree<'_>>, place: Place) -> Vec<Tree<'_>> {
    let mut marks = vec![Mark::Keep; trees.len()];
    let is_match = place == Place::Block && (0..trees.len()).any(|at| is_arrow(&trees, at));
    if place == Place::Block {
        shorthand(&trees, &mut marks);
    }
    if is_match {
        arms(&trees, &mut marks);
    }
    if place == Place::Rules {
        rules(&trees, &mut marks);
    }
    closures(&trees, &mut marks);
    if matches!(place, Place::File | Place::Block) {
        semicolons(&trees, &mut marks);
    }
    commas(&trees, &mut marks, place);
    spellings(&trees, &mut marks);

    let mut out = Vec::with_capacity(trees.len());
    for (tree, mark) in trees.into_iter().zip(marks) {
        match (mark, tree) {
            (Mark::Drop, _) => {}
            (Mark::Unwrap, Tree::Group(group)) => out.append(&mut innermost(group.trees)),
            (Mark::Replace(text), Tree::Token(token)) => out.push(Tree::Token(Token { text, ..token })),
            (_, tree) => out.push(tree),
        }
    }
    if is_match {
        // Those of generics too: they may stand in a body, with its braces or without.
        out.retain(|tree| !tree.is(","));
    }
    out
}

/// The content of a plain body that is itself, perhaps, nothing but a plain body: `{ { x } }`.
fn innermost(mut trees: Vec<Tree<'_>>) -> Vec<Tree<'_>> {
    while matches!(&*trees, [tree] if is_plain_body(tree)) {
        let Some(Tree::Group(group)) = trees.pop() else { break };
        trees = group.trees;
    }
    trees
}

/// The arms of a `macro_rules!`: no semicolons.
fn rules(trees: &[Tree<'_>], marks: &mut [Mark]) {
    for (tree, mark) in trees.iter().zip(marks) {
        if tree.is(";") {
            *mark = Mark::Drop;
        }
    }
}

/// Whether the tree at an index is the `=` of a `=>`.
fn is_arrow(trees: &[Tree<'_>], at: usize) -> bool {
    trees[at].is("=") && trees.get(at + 1).is_some_and(|tree| tree.is(">"))
}

fn is_braces(tree: &Tree<'_>) -> bool {
    tree.group(Delimiter::Brace).is_some()
}

/// Whether a group holds an expression and no statement, so that its braces mean nothing as a body.
fn is_plain_body(tree: &Tree<'_>) -> bool {
    tree.group(Delimiter::Brace).is_some_and(|body| !body.is_empty() && !body.iter().any(|tree| tree.is(";")))
}

/// Empty statements, the semicolon after an item, and the one after a final `return`, `break` or `continue`.
fn semicolons(trees: &[Tree<'_>], marks: &mut [Mark]) {
    for at in 0..trees.len() {
        if !trees[at].is(";") {
            continue;
        }
        let is_last = at + 1 == trees.len();
        let is_empty = at == 0 || trees[at - 1].is(";");
        if is_empty || ends_item(trees, at) || (is_last && leaves(&trees[..at])) {
            marks[at] = Mark::Drop;
        }
    }
}

/// Whether an item with a body of its own ends right before an index.
fn ends_item(trees: &[Tree<'_>], at: usize) -> bool {
    let Some((body, before)) = trees[..at].split_last() else { return false };
    if !is_braces(body) {
        return false;
    }
    let mut start = before.iter().rposition(|tree| tree.is(";") || is_braces(tree)).map_or(0, |end| end + 1);
    while trees[start].is("#") {
        start += 2;
    }
    item_end(trees, start) == Some(at)
}

/// Whether the last statement is a `return`, a `break` or a `continue`.
fn leaves(trees: &[Tree<'_>]) -> bool {
    for (at, tree) in trees.iter().enumerate().rev() {
        if tree.is(";") {
            return false;
        }
        let begins = at == 0 || trees[at - 1].is(";") || is_braces(&trees[at - 1]);
        if begins && matches!(tree.text(), "return" | "break" | "continue") {
            return true;
        }
    }
    false
}

/// `Point { x: x }` is `Point { x }`.
fn shorthand(trees: &[Tree<'_>], marks: &mut [Mark]) {
    for at in 0..trees.len().saturating_sub(2) {
        let [name, colon, value] = &trees[at..at + 3] else { continue };
        let begins = at == 0 || trees[at - 1].is(",");
        let ends = trees.get(at + 3).is_none_or(|tree| tree.is(","));
        if begins && ends && colon.is(":") && name.ident().is_some() && name.text() == value.text() {
            marks[at + 1] = Mark::Drop;
            marks[at + 2] = Mark::Drop;
        }
    }
}

/// Match arms: no leading `|`, no braces around a plain body. The commas go at the end.
fn arms(trees: &[Tree<'_>], marks: &mut [Mark]) {
    for at in 0..trees.len() {
        let begins = match trees[..at] {
            [] => true,
            // An attribute, of the arm or of the whole `match`.
            [.., ref hash, ref content] if content.group(Delimiter::Bracket).is_some() => {
                hash.is("#") || hash.is("!")
            }
            [.., ref last] => last.is(",") || is_braces(last),
        };
        if begins && trees[at].is("|") {
            marks[at] = Mark::Drop;
        }
        if is_arrow(trees, at) && trees.get(at + 2).is_some_and(is_plain_body) {
            marks[at + 2] = Mark::Unwrap;
        }
    }
}

/// Closures: no comma after the last parameter, no braces around a plain body.
fn closures(trees: &[Tree<'_>], marks: &mut [Mark]) {
    let mut at = 0;
    let mut after_parameters = false;
    while at < trees.len() {
        let opens = trees[at].is("|")
            && marks[at] == Mark::Keep
            && (after_parameters || begins_operand(&trees[..at]));
        let close = if opens { closing_pipe(trees, at) } else { None };
        after_parameters = close.is_some();
        let Some(close) = close else {
            at += 1;
            continue;
        };
        if trees[close - 1].is(",") {
            marks[close - 1] = Mark::Drop;
        }
        let ends = trees.get(close + 2).is_none_or(|tree| tree.is(",") || tree.is(";"));
        if ends && trees.get(close + 1).is_some_and(is_plain_body) {
            marks[close + 1] = Mark::Unwrap;
        }
        at = close + 1;
    }
}

/// The `|` that ends the parameters that begin at `open`.
fn closing_pipe(trees: &[Tree<'_>], open: usize) -> Option<usize> {
    for at in open + 1..trees.len() {
        if trees[at].is("|") {
            return Some(at);
        }
        if trees[at].is(";") || is_arrow(trees, at) {
            return None;
        }
    }
    None
}

/// Whether an operand, not an operator, comes after these trees.
fn begins_operand(before: &[Tree<'_>]) -> bool {
    let Some(last) = before.last() else { return true };
    match last {
        Tree::Group(_) => false,
        Tree::Token(Token { kind: Kind::Ident, text, .. }) => takes_operand(text),
        Tree::Token(Token { kind: Kind::Punct, text, .. }) => match *text {
            "?" | "|" => false,
            ">" => before.len() > 1 && matches!(before[before.len() - 2].text(), "=" | "-"),
            _ => true,
        },
        Tree::Token(token) => token.kind == Kind::Lifetime,
    }
}

/// Trailing commas.
fn commas(trees: &[Tree<'_>], marks: &mut [Mark], place: Place) {
    let is_single = place == Place::Tuple && trees.iter().filter(|tree| tree.is(",")).count() == 1;
    let mut in_where = false;
    for at in 0..trees.len() {
        let next = trees.get(at + 1);
        let ends_bounds = next.is_none_or(|tree| is_braces(tree) || tree.is(";") || tree.is("="));
        if trees[at].is("where") {
            in_where = true;
            if ends_bounds {
                marks[at] = Mark::Drop;
            }
        } else if is_braces(&trees[at]) || trees[at].is(";") {
            in_where = false;
        } else if trees[at].is(",") {
            let is_trailing = match next {
                None => !is_single,
                Some(next) => next.is(">") || (in_where && ends_bounds),
            };
            if is_trailing {
                marks[at] = Mark::Drop;
            }
        }
    }
}

/// Tokens that have two spellings.
fn spellings(trees: &[Tree<'_>], marks: &mut [Mark]) {
    for at in 0..trees.len().saturating_sub(1) {
        let (tree, next) = (&trees[at], &trees[at + 1]);
        let follows_name = at > 0 && (trees[at - 1].ident().is_some() || trees[at - 1].is(":"));
        match tree.text() {
            // Between operands `&&` is one operator; before an operand it is two references.
            "&" if next.is("&") && is_joint(tree, next) && at > 0 && !begins_operand(&trees[..at]) => {
                marks[at] = Mark::Replace("&&");
                marks[at + 1] = Mark::Drop;
            }
            "extern" if next.is("fn") || is_braces(next) => marks[at] = Mark::Replace("extern \"C\""),
            ":" if next.is(":") && follows_name && trees.get(at + 2).is_some_and(|tree| tree.is("<")) => {
                marks[at] = Mark::Drop;
                marks[at + 1] = Mark::Drop;
            }
            "<" if next.is(">") && follows_name => {
                marks[at] = Mark::Drop;
                marks[at + 1] = Mark::Drop;
            }
            _ => {}
        }
    }
}

fn is_joint(first: &Tree<'_>, second: &Tree<'_>) -> bool {
    matches!((first, second), (Tree::Token(first), Tree::Token(second)) if first.start + 1 == second.start)
}
