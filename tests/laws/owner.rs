//! What the owner of a node is offered by a protocol that says nothing of it.

use rehearsal::machine::NodeId;
use rehearsal::sim::{Files, Owner, Plain, Scenario};

use crate::courier::{Couriers, Order};

fn scenario() -> Scenario<Couriers> {
    let text = "(claim: \"a test\", nodes: 2, until: \"1s\", protocol: Courier(()),
        network: (delay: Fixed(\"1ms\")), expect: [])";
    Scenario::parse("test.ron", text, Files::none()).expect("a right scenario")
}

#[test]
fn a_typed_line_is_a_command_as_scenarios_write_it() {
    let scenario = scenario();
    let line = |text| <Plain as Owner<Couriers>>::line(scenario.config(), text);
    assert!(matches!(line("Keep(7)"), Ok(Order::Keep(7))));
    let refusal = line("Kepe(7)").expect_err("no such command").to_string();
    assert_eq!(refusal, "unknown variant `Kepe` (did you mean `Keep`?)");
}

#[test]
fn nothing_is_demanded_of_a_window() {
    assert_eq!(
        <Plain as Owner<Couriers>>::demands(scenario().config(), NodeId::from_index(0)),
        None
    );
}
