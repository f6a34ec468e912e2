//! What the owner of a node is offered by a protocol that says nothing of it.

use rehearsal::sim::{Owner, Plain};

use crate::courier::{Couriers, Order, Setting, node};

#[test]
fn a_typed_line_is_a_command_as_scenarios_write_it() {
    let line = |text| <Plain as Owner<Couriers>>::line(&Setting::default(), text);
    assert!(matches!(line("Keep(7)"), Ok(Order::Keep(7))));
    let refusal = line("Kepe(7)").expect_err("no such command").to_string();
    assert_eq!(refusal, "unknown variant `Kepe` (did you mean `Keep`?)");
}

#[test]
fn nothing_is_demanded_of_a_window() {
    assert_eq!(<Plain as Owner<Couriers>>::demands(&Setting::default(), node(1)), None);
}
