/// A text as a part of one line: what would end the line, or show it as another one, is a space.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.replace(|character: char| character.is_control() || is_deceptive(character), " ");
    plain.trim().to_owned()
}

/// Line ends of other programs, and the marks that make a line read in another order than it runs in.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_line_nor_turn_it_round() {
        assert_eq!(one_line("a\n; DROP TABLE users\r\n--"), "a ; DROP TABLE users  --");
        assert_eq!(one_line("a\u{2028}b\u{202e}c\u{0}d\u{85}"), "a b c d");
    }
}
