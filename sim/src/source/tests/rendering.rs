use super::*;
use crate::source::Path;

#[test]
fn the_line_with_the_mistake_is_underlined_and_explained() {
    let found = mistake(&with("network: (los: \"3/100\")"));
    insta::assert_snapshot!(found.render(), @r#"
     --> x.ron:4:15
      |
    4 |     network: (los: "3/100"),
      |               ^^^ unknown field `los`
      |
      = path: network.los
      = expected: `latency` or `loss`
      = help: did you mean `loss`?
    "#);
}

#[test]
fn of_a_mistake_over_several_lines_the_first_is_shown() {
    let found = mistake(
        "(\n    claim: \"c\",\n    nodes: 3,\n    faults: [\n        (\n            at: \"1s\",\n        ),\n    ],\n)\n",
    );
    insta::assert_snapshot!(found.render(), @r#"
     --> x.ron:5:9
      |
    5 |         (
      |         ^ missing field `do`
      |
      = path: faults[0]
    "#);
}

#[test]
fn tabs_and_wide_characters_before_the_mistake_keep_the_underline_in_place() {
    let found = mistake("(\tclaim: \"größe 大\",\tnodes: 300)");
    assert_eq!(found.line_column(), (1, 28));
    insta::assert_snapshot!(found.render(), @r#"
     --> x.ron:1:28
      |
    1 | (    claim: "größe 大",    nodes: 300)
      |                                   ^^^ the number is out of range
      |
      = path: nodes
    "#);
}

#[test]
fn a_check_after_reading_points_at_a_value_by_its_path() {
    let path = Path::root().field("faults").index(0).field("do").field("Crash");
    let found = Diagnostic::at("x.ron", VALID, &path, "there is no node 4")
        .with_expected("a node from 1 to 3")
        .with_help("raise `nodes`");
    insta::assert_snapshot!(found.render(), @r#"
     --> x.ron:8:31
      |
    8 |         (at: "0ms", do: Crash(4)),
      |                               ^ there is no node 4
      |
      = path: faults[0].do.Crash
      = expected: a node from 1 to 3
      = help: raise `nodes`
    "#);
}

#[test]
fn the_end_of_a_file_and_an_empty_file_can_be_pointed_at() {
    let empty = Diagnostic::at("x.ron", "", &Path::root().field("nodes"), "nothing here");
    insta::assert_snapshot!(empty.render(), @r#"
     --> x.ron:1:1
      |
    1 |
      | ^ nothing here
      |
      = path: nodes
    "#);
    let end = Diagnostic::new("x.ron", "(\r\n)\r\n", 7..90, "it ends here");
    assert_eq!(end.line_column(), (3, 1));
    insta::assert_snapshot!(end.render(), @r#"
     --> x.ron:3:1
      |
    3 |
      | ^ it ends here
    "#);
}

#[test]
fn a_span_that_cuts_a_character_or_a_line_end_is_moved_off_it() {
    let cut = Diagnostic::new("x.ron", "größe", 3..3, "here");
    assert_eq!(cut.span(), 2..4);
    let line_end = Diagnostic::new("x.ron", "a\r\nb", 2..2, "here");
    assert_eq!((line_end.span(), line_end.line_column()), (1..2, (1, 2)));
}

#[test]
fn colours_are_only_added_to_what_is_rendered_plainly() {
    let found = mistake("(claim: 1)");
    let coloured = found.render_coloured();
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    assert_ne!(coloured, found.render());
    assert_eq!(plain, found.render());
}

#[test]
fn the_carriage_return_of_a_line_end_is_not_shown() {
    let found = mistake("(\r\n    claim: 1,\r\n)\r\n");
    insta::assert_snapshot!(found.render(), @r#"
     --> x.ron:2:12
      |
    2 |     claim: 1,
      |            ^ wrong type of value
      |
      = path: claim
      = expected: a string in double quotes
    "#);
    assert!(!found.render().contains(['\r', '␍']));
}

#[test]
fn what_no_reader_can_see_is_shown_and_keeps_its_column() {
    let found = Diagnostic::new("\u{1b}x.ron", "\u{202e}a \u{9b}wrong", 7..12, "a `\u{2066}`")
        .with_expected("\u{7}")
        .with_help("\u{1b}[2J");
    insta::assert_snapshot!(found.render(), @r"
     --> \u{1b}x.ron:1:5
      |
    1 | �a �wrong
      |     ^^^^^ a `\u{2066}`
      |
      = expected: \u{7}
      = help: \u{1b}[2J
    ");
}

#[test]
fn of_a_long_path_the_middle_is_left_out() {
    let path = Path::root().field("a").field("k".repeat(1_000)).index(7);
    let shown = Diagnostic::new("x.ron", "", 0..0, "wrong").with_path(&path).render();
    assert!(shown.contains("= path: a.kkk") && shown.ends_with("k[7]"), "{shown}");
    assert!(shown.lines().all(|line| line.len() < 130), "{shown}");
}
