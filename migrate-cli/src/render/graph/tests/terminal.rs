use expect_test::{Expect, expect};
use migrate_core::revision::Revision;
use unicode_width::UnicodeWidthStr as _;

use super::super::terminal::{Charset, Look, draw};
use super::*;
use crate::ui::Palette;

const PLAIN: Look = Look { palette: Palette::PLAIN, charset: Charset::Unicode, width: None };

#[expect(clippy::needless_pass_by_value, reason = "as expect-test has it")]
fn check(picture: &Picture, look: Look, expected: Expect) {
    expected.assert_eq(&draw(picture, look));
}

#[test]
fn a_chain_is_a_line() {
    check(
        &Picture::new(&chain(), None),
        PLAIN,
        expect![[r#"
            ●  cccc (head) Drop name
            ●  bbbb Add email
            ●  aaaa Create users
        "#]],
    );
}

#[test]
fn branches_part_and_join() {
    let graph = diamond();
    let status = applied(&graph, &["base1", "left1"]);
    check(
        &Picture::new(&graph, Some(&status)),
        PLAIN,
        expect![[r#"
            ○  after (head) Add notes
            ○    merge (merge) Merge billing and search
            ├─╮
            │ ○  right (search) Create documents
            ○ │  left2 Add paid_at to invoices
            ● │  left1 (current, billing) Create invoices
            ├─╯
            ●  base1 Create users

            ● 2 applied   ○ 4 pending
        "#]],
    );
}

#[test]
fn a_terminal_without_box_drawing_gets_ascii() {
    check(
        &every_state(),
        Look { charset: Charset::Ascii, ..PLAIN },
        expect![[r#"
            ?  future

            o  after (head) Add notes
            o    merge (merge) Merge billing and search
            |\
            | ~  right (search) Create documents
            o |  left2 Add paid_at to invoices
            * |  left1 (current, billing) Create invoices
            |/
            !  base1 Create users

            * 1 applied   ! 1 edited   ~ 1 unfinished   o 3 pending   ? 1 unknown
        "#]],
    );
}

#[test]
fn every_state_has_a_sign_and_the_legend_names_it() {
    check(
        &every_state(),
        PLAIN,
        expect![[r#"
            ?  future

            ○  after (head) Add notes
            ○    merge (merge) Merge billing and search
            ├─╮
            │ ◐  right (search) Create documents
            ○ │  left2 Add paid_at to invoices
            ● │  left1 (current, billing) Create invoices
            ├─╯
            ✎  base1 Create users

            ● 1 applied   ✎ 1 edited   ◐ 1 unfinished   ○ 3 pending   ? 1 unknown
        "#]],
    );
}

#[test]
fn a_merge_of_many_is_an_octopus() {
    check(
        &Picture::new(&octopus(), None),
        PLAIN,
        expect![[r#"
        ●      merge (head, merge)
        ├─┬─╮
        │ │ ●  two
        │ ● │  three
        │ ├─╯
        ● │  one
        ├─╯
        ●  root
    "#]],
    );
}

#[test]
fn a_dependency_is_a_thinner_line_and_takes_no_head_away() {
    let graph = two_bases();
    let status = applied(&graph, &["log1", "log2", "acc1", "acc2"]);
    check(
        &Picture::new(&graph, Some(&status)),
        PLAIN,
        expect![[r#"
            ○  log3 (head) Drop source of events
            │ ●  acc2 (head, current) Log changes of accounts
            ╭─┤
            ● │  log2 Add actor to events
            ● │  log1 (log) Create events
              ●  acc1 (accounts) Create accounts

            ● 4 applied   ○ 1 pending
        "#]],
    );
}

#[test]
fn a_long_message_gives_way_to_its_line() {
    let graph = graph([
        Revision::new("aaaa").message("Create users and whatever else a service of this kind may ever need"),
        Revision::new("bbbb")
            .parent("aaaa")
            .label("long")
            .message("日本語の長い説明文をここに書きます、とても長い"),
    ]);
    let look = Look { width: Some(48), ..PLAIN };
    let picture = Picture::new(&graph, None);
    check(
        &picture,
        look,
        expect![[r#"
            ●  bbbb (head, long) 日本語の長い説明文をここ…
            ●  aaaa Create users and whatever else a servi…
        "#]],
    );
    assert!(draw(&picture, look).lines().all(|line| line.width() <= 48));
}

#[test]
fn no_name_or_message_can_steer_the_terminal() {
    check(
        &Picture::new(&hostile(), None),
        PLAIN,
        expect![[r#"
            ●  ](x (head) - item --> r0
            ●  é;%%{init}%% two lines [31m & �`code` #quot; \N
            ●  a"b\c (<script>) 1. </title><script>alert("x")</script>
        "#]],
    );
}

#[test]
fn nothing_is_drawn_of_nothing() {
    check(&Picture::new(&graph([]), None), PLAIN, expect![[""]]);
}
