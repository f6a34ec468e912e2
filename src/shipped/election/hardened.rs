//! What the hardened form asks of its options and spans.

use std::time::Duration;

use rehearsal_protocol::election::hardened::Config;
use rehearsal_sim::Reason;
use rehearsal_sim::source::Path;

use super::timing::{self, Wait};

/// Refuses what cannot be, and, unless `is_unsafe` allows them, waits that
/// messages of an undisturbed network can outlast, which takes them no longer
/// than `way`. `form` is where the fields stand.
pub(super) fn check(
    rules: &Config,
    nodes: u32,
    form: &Path,
    is_unsafe: bool,
    way: Duration,
) -> Result<(), Reason> {
    let Config { answer_wait, coordinator_wait, heartbeat, leader_wait, .. } = *rules;
    let spans = [
        ("answer_wait", answer_wait),
        ("coordinator_wait", coordinator_wait),
        ("heartbeat", heartbeat),
        ("leader_wait", leader_wait),
    ];
    timing::lasts(&spans, form)?;
    options(rules, nodes, form)?;
    if is_unsafe {
        return Ok(());
    }
    timing::outlasts_answers(answer_wait, way, form)?;
    let round_trip = way.saturating_mul(2);
    let coordinator = Wait {
        field: "coordinator_wait",
        given: coordinator_wait,
        least: answer_wait.saturating_add(round_trip),
        why: "a node that answered waits for answers itself, and two message delays pass",
    };
    let (ways, why) = if rules.check_quorum {
        let why = "whether a majority hears a leader is known a heartbeat and two message \
                   delays later";
        (round_trip, why)
    } else {
        (way, "a leader is heard a heartbeat and a message delay after the last time")
    };
    let leader = Wait {
        field: "leader_wait",
        given: leader_wait,
        least: heartbeat.saturating_add(ways),
        why,
    };
    coordinator.check(form)?;
    leader.check(form)
}

fn options(rules: &Config, nodes: u32, form: &Path) -> Result<(), Reason> {
    let refused = |field: &str, message: String, help: String| {
        Err(Reason::new(message).at(form.field(field)).help(help))
    };
    if let Some(resource) = rules.resource {
        let help = format!("name one of the nodes 1 to {nodes}, and leave another one to lead");
        if resource.number() > nodes {
            return refused("resource", format!("there is no {resource}"), help);
        }
        if nodes == 1 {
            return refused("resource", "nobody is left to take part".to_owned(), help);
        }
    }
    if rules.check_quorum && !rules.majority {
        let message = "who has stepped down for want of a majority would lead again without one";
        let help = "say `majority: true`, too".to_owned();
        return refused("check_quorum", message.to_owned(), help);
    }
    Ok(())
}
