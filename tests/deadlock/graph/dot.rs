//! How graphs are drawn.

use crate::waits::Waits;

#[test]
fn a_drawing_names_requests_and_shows_the_cycle_and_who_is_behind() {
    let waits = vec![
        (3, 1, vec![1]),
        (1, 2, vec![3, 2]),
        (4, 1, vec![5, 6]),
        (2, 1, vec![1]),
        (5, 2, vec![1, 7, 7]),
        (6, 2, vec![5]),
        (8, 1, vec![3]),
    ];
    insta::assert_snapshot!(Waits { nodes: 8, waits }.graph().to_dot(), @r#"
    digraph waits {
      n1 [color=red, style=bold];
      n2 [color=red, style=bold];
      n3 [color=red];
      n4 [label="n4\n1 of 2"];
      n5 [label="n5\n2 of 3"];
      n6 [label="n6\n2 of 1", color=orange];
      n7;
      n8 [color=orange];
      n3 -> n1 [label="n3#1"];
      n1 -> n3 [label="n1#1"];
      n1 -> n2 [label="n1#2", color=red, style=bold];
      n4 -> n5 [label="n4#1"];
      n4 -> n6 [label="n4#2"];
      n2 -> n1 [label="n2#1", color=red, style=bold];
      n5 -> n1 [label="n5#1"];
      n5 -> n7 [label="n5#2"];
      n5 -> n7 [label="n5#3"];
      n6 -> n5 [label="n6#1"];
      n8 -> n3 [label="n8#1"];
    }
    "#);
}

#[test]
fn a_drawing_of_nobody_who_waits_has_all_nodes() {
    insta::assert_snapshot!(Waits { nodes: 2, waits: vec![] }.graph().to_dot(), @r"
    digraph waits {
      n1;
      n2;
    }
    ");
}
