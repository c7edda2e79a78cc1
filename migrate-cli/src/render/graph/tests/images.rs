use super::super::svg;
use super::*;

#[test]
fn an_image_says_what_it_shows_to_those_who_do_not_see_it() {
    let image = svg::draw(&every_state());
    for expected in [
        "role=\"img\" aria-labelledby=\"migrate-title migrate-summary\"",
        "<desc id=\"migrate-summary\">7 revisions: 1 applied, 1 edited, 1 unfinished, 3 pending, 1 unknown</desc>",
        "<title>left1: Create invoices (applied, current, billing)</title>",
        "@media (prefers-color-scheme: dark)",
    ] {
        assert!(image.contains(expected), "{expected} in\n{image}");
    }
}

#[test]
fn an_image_holds_no_markup_but_its_own() {
    let image = svg::draw(&Picture::new(&hostile(), None));
    assert!(image.contains("&lt;/title&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"), "{image}");
    assert!(!image.contains("<script"));
    assert!(!image.contains(|character: char| character.is_control() && character != '\n'));
}
