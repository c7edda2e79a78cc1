//! The checksum of a migration's source: what it does, not how it is laid out.
//!
//! The source becomes token trees, the trees a canonical text, the text a SHA-256. Two sources that `rustfmt`,
//! under whatever options, can turn into one another have the same canonical text; each rule that follows
//! cancels one of the changes that `rustfmt` makes:
//!
//! | changed by `rustfmt` | rule |
//! |---|---|
//! | white space, comments, wrapped operators | only tokens count; `&&` before an operand is two `&` |
//! | order, grouping and merging of `use`, order of `mod` and `extern crate` | [`imports`]: one path each, sorted |
//! | merged `#[derive]`s | joined |
//! | trailing commas | dropped, except that of a one-element tuple |
//! | braces around a match arm or a closure body | dropped around a body without statements |
//! | commas between match arms, leading `\|` | dropped |
//! | `;` after `return`, `break`, `continue`, after items, doubled | dropped |
//! | `extern fn`, `pub(in crate)`, `((x))`, `Vec::<T>`, empty `where`, `x: x`, `0xAB` | one spelling |
//! | delimiters of a macro call | all the same |
//!
//! Documentation, lint attributes, the `#[migration]` attribute and `#[cfg(test)]` items do not count either:
//! none of them changes what the migration does.

mod attributes;
mod imports;
mod layout;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

pub(crate) use self::attributes::item_end;
use crate::lexer::{Delimiter, Group, Kind, Tree, lex};

/// Returns the checksum of a migration's source: 64 hexadecimal digits.
///
/// `None` when the source is not a sequence of balanced tokens; the compiler reports that better.
pub(crate) fn checksum(source: &str) -> Option<String> {
    Some(digest(&canonical(source)?))
}

/// Returns the SHA-256 of a text: 64 hexadecimal digits.
pub(crate) fn digest(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digest = Sha256::digest(text.as_bytes());
    let mut text = String::with_capacity(2 * digest.len());
    for byte in digest.as_slice() {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Returns the text that is hashed: canonical tokens, each followed by a space.
fn canonical(source: &str) -> Option<String> {
    let trees = normalise(lex(source).ok()?, Place::File);
    let mut text = String::with_capacity(source.len());
    write(&trees, &mut text);
    Some(text)
}

/// Where a sequence of trees stands, as far as its punctuation depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    /// Between braces.
    Block,
    /// Arguments, parameters, elements: a trailing comma means nothing.
    List,
    /// Parentheses of an expression, a pattern or a type: `(x,)` is not `(x)`.
    Tuple,
    /// The arms of a `macro_rules!`.
    Rules,
}

fn normalise(mut trees: Vec<Tree<'_>>, place: Place) -> Vec<Tree<'_>> {
    attributes::strip(&mut trees);
    let trees = imports::hoist(trees);
    let trees = descend(trees, place);
    layout::apply(trees, place)
}

/// Normalises each group; joins derives, unwraps doubled parentheses, evens out a macro call's delimiters.
fn descend(trees: Vec<Tree<'_>>, place: Place) -> Vec<Tree<'_>> {
    let places: Vec<_> = (0..trees.len()).map(|at| place_of(&trees, at, place)).collect();
    let mut out: Vec<Tree<'_>> = Vec::with_capacity(trees.len());
    for (tree, (inner, is_macro)) in trees.into_iter().zip(places) {
        let Tree::Group(Group { delimiter, trees }) = tree else {
            out.push(tree);
            continue;
        };
        let mut trees = normalise(trees, inner);
        if delimiter == Delimiter::Bracket && attributes::join_derive(&mut out, &mut trees) {
            continue;
        }
        if inner == Place::Tuple && matches!(&*trees, [tree] if tree.group(Delimiter::Parenthesis).is_some())
        {
            out.append(&mut trees);
            continue;
        }
        if out.last().is_some_and(|tree| tree.is("pub"))
            && matches!(&*trees, [first, one] if first.is("in") && one.ident().is_some())
        {
            trees.remove(0);
        }
        let delimiter = if is_macro { Delimiter::Parenthesis } else { delimiter };
        out.push(Tree::Group(Group { delimiter, trees }));
    }
    out
}

/// The place that the group at an index makes, and whether it is a macro's input.
fn place_of(trees: &[Tree<'_>], at: usize, outer: Place) -> (Place, bool) {
    let Tree::Group(group) = &trees[at] else { return (outer, false) };
    let before = |distance: usize| at.checked_sub(distance).map(|index| &trees[index]);
    let is_name = |tree: &Tree<'_>| tree.ident().is_some_and(|word| !takes_operand(word));
    let bang = |distance| {
        before(distance).is_some_and(|tree| tree.is("!")) && before(distance + 1).is_some_and(is_name)
    };
    if bang(2) && before(3).is_some_and(|tree| tree.is("macro_rules")) {
        return (Place::Rules, true);
    }
    let is_macro = bang(1) || outer == Place::Rules;
    let is_call = before(1).is_some_and(|previous| match previous {
        Tree::Group(_) => true,
        Tree::Token(token) if token.text == ">" => {
            !before(2).is_some_and(|head| head.is("-") || head.is("="))
        }
        Tree::Token(token) => token.text == "?" || is_name(previous),
    });
    let place = match group.delimiter {
        Delimiter::Brace => Place::Block,
        Delimiter::Parenthesis if !is_call && !is_macro => Place::Tuple,
        Delimiter::Parenthesis | Delimiter::Bracket => Place::List,
    };
    (place, is_macro)
}

/// Whether a word is a keyword after which an operand, a pattern or a type begins.
fn takes_operand(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "await"
            | "box"
            | "break"
            | "const"
            | "dyn"
            | "else"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "match"
            | "move"
            | "mut"
            | "ref"
            | "return"
            | "static"
            | "where"
            | "while"
            | "yield"
    )
}

/// Appends trees as text, a space after each token; the text of a token is spelled one way.
fn write(trees: &[Tree<'_>], out: &mut String) {
    for tree in trees {
        match tree {
            Tree::Token(token) if token.kind == Kind::Literal && token.text.starts_with("0x") => {
                out.push_str(&token.text.to_ascii_lowercase());
            }
            Tree::Token(token) if token.text.contains('\n') => write_lines(token.text, out),
            Tree::Token(token) => out.push_str(token.text),
            Tree::Group(group) => {
                let [open, close] = match group.delimiter {
                    Delimiter::Parenthesis => ["( ", ")"],
                    Delimiter::Bracket => ["[ ", "]"],
                    Delimiter::Brace => ["{ ", "}"],
                };
                out.push_str(open);
                write(&group.trees, out);
                out.push_str(close);
            }
        }
        out.push(' ');
    }
}

/// Appends a string of several lines, as it reads on every system and at every indentation.
///
/// A checkout on Windows adds `\r`; what follows a `\` at the end of a line is white space that rustc skips and
/// `rustfmt` may change. Raw strings have no such `\`.
fn write_lines(text: &str, out: &mut String) {
    let text = text.replace("\r\n", "\n");
    if text.trim_start_matches(['b', 'c']).starts_with('r') {
        out.push_str(&text);
        return;
    }
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some('\n')) => characters = characters.as_str().trim_start().chars(),
            ('\\', Some(escaped)) => {
                out.extend(['\\', escaped]);
                characters.next();
            }
            _ => out.push(character),
        }
    }
}
