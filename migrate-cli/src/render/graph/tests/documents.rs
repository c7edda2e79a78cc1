use expect_test::expect;

use super::super::{dot, mermaid};
use super::*;

#[test]
fn mermaid_draws_states_badges_and_edges() {
    expect![[r#"
        flowchart BT
            r0["<b>future</b>"]
            r1(["<b>after</b><br/>Add notes<br/><i>head</i>"])
            r2["<b>merge</b><br/>Merge billing and search<br/><i>merge</i>"]
            r3["<b>right</b><br/>Create documents<br/><i>search</i>"]
            r4["<b>left2</b><br/>Add paid_at to invoices"]
            r5["<b>left1</b><br/>Create invoices<br/><i>current · billing</i>"]
            r6["<b>base1</b><br/>Create users"]
            r2 --> r1
            r4 --> r2
            r3 --> r2
            r6 --> r3
            r5 --> r4
            r6 --> r5
            classDef applied fill:#d1fae5,stroke:#059669,color:#064e3b
            class r5 applied
            classDef edited fill:#fef3c7,stroke:#d97706,color:#78350f
            class r6 edited
            classDef unfinished fill:#ffedd5,stroke:#ea580c,color:#7c2d12,stroke-width:3px
            class r3 unfinished
            classDef pending fill:#f8fafc,stroke:#64748b,color:#1e293b,stroke-dasharray:4 3
            class r1,r2,r4 pending
            classDef unknown fill:#fee2e2,stroke:#dc2626,color:#7f1d1d,stroke-dasharray:2 2
            class r0 unknown
    "#]]
    .assert_eq(&mermaid::draw(&every_state()));
}

#[test]
fn mermaid_takes_no_orders_from_names_and_messages() {
    expect![[r#"
        flowchart BT
            r0(["<b>#93;(x</b><br/>#45; item --#62; r0<br/><i>head</i>"])
            r1["<b>é#59;#37;#37;#123;init#125;#37;#37;</b><br/>two lines #91;31m #38; #65533;#96;code#96; #35;quot#59; #92;N"]
            r2["<b>a#34;b#92;c</b><br/>1#46; #60;/title#62;#60;script#62;alert(#34;x#34;)#60;/script#62;<br/><i>#60;script#62;</i>"]
            r1 --> r0
            r2 --> r1
    "#]].assert_eq(&mermaid::draw(&Picture::new(&hostile(), None)));
}

#[test]
fn dot_draws_states_badges_and_edges() {
    expect![[r##"
        digraph revisions {
            rankdir=BT;
            bgcolor="white";
            node [shape=box, style="rounded,filled", fillcolor="#f8fafc", color="#64748b", fontname="Helvetica", fontsize=11, margin="0.14,0.08"];
            edge [color="#64748b", arrowsize=0.7];
            "future" [label="future", fillcolor="#fee2e2", color="#dc2626", style="rounded,filled,dotted"];
            "after" [label="after\nAdd notes\n(head)", style="rounded,filled,dashed"];
            "merge" [label="merge\nMerge billing and search\n(merge)", style="rounded,filled,dashed"];
            "right" [label="right\nCreate documents\n(search)", fillcolor="#ffedd5", color="#ea580c"];
            "left2" [label="left2\nAdd paid_at to invoices", style="rounded,filled,dashed"];
            "left1" [label="left1\nCreate invoices\n(current, billing)", fillcolor="#d1fae5", color="#059669", penwidth=2.5];
            "base1" [label="base1\nCreate users", fillcolor="#fef3c7", color="#d97706"];
            "merge" -> "after";
            "left2" -> "merge";
            "right" -> "merge";
            "base1" -> "right";
            "left1" -> "left2";
            "base1" -> "left1";
        }
    "##]].assert_eq(&dot::draw(&every_state()));
}

#[test]
fn dot_takes_no_orders_from_names_and_messages() {
    expect![[r##"
        digraph revisions {
            rankdir=BT;
            bgcolor="white";
            node [shape=box, style="rounded,filled", fillcolor="#f8fafc", color="#64748b", fontname="Helvetica", fontsize=11, margin="0.14,0.08"];
            edge [color="#64748b", arrowsize=0.7];
            "](x" [label="](x\n- item --> r0\n(head)"];
            "é;%%{init}%%" [label="é;%%{init}%%\ntwo lines [31m &amp; �`code` #quot; \\N"];
            "a\"b\\c" [label="a\"b\\c\n1. </title><script>alert(\"x\")</script>\n(<script>)"];
            "é;%%{init}%%" -> "](x";
            "a\"b\\c" -> "é;%%{init}%%";
        }
    "##]].assert_eq(&dot::draw(&Picture::new(&hostile(), None)));
}

#[test]
fn a_dependency_is_dashed_in_both() {
    let picture = Picture::new(&two_bases(), None);
    let dashed = |drawing: &str, sign: &str| drawing.lines().filter(|line| line.contains(sign)).count();
    assert_eq!(dashed(&mermaid::draw(&picture), "-.->"), 1);
    assert_eq!(dashed(&dot::draw(&picture), "[style=dashed]"), 1);
}
