//! The longest election there is: the highest of many nodes is down, the lowest
//! misses it, and everybody asks everybody above.

use rehearsal::shipped::Election;
use rehearsal::sim::{Files, Scenario};

/// An election of so many nodes. All that is claimed of it is checked.
pub(crate) fn scenario(nodes: u32) -> Scenario<Election> {
    let text = format!(
        r#"(claim: "A large election ends.", nodes: {nodes}, absent: [{nodes}],
        calm_at: "0ms", until: "1s", network: (delay: Uniform("1ms", "10ms")),
        protocol: Election((form: Textbook(answer_wait: "21ms", coordinator_wait: "41ms"))),
        commands: [(at: "0ms", to: 1, command: Suspect)],
        expect: [Always(NobodyBelow), Eventually(what: Agreed, within: "999ms")])"#
    );
    Scenario::parse("large.ron", &text, Files::none()).expect("a right scenario")
}

/// How many messages it takes.
pub(crate) fn messages(nodes: u32) -> u64 {
    let steps = u64::from(nodes) - 1;
    steps * steps + u64::from(nodes) - 2
}
