//! What no network may do, read off the trace of random runs.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rehearsal::protocol::{NodeId, Time};
use rehearsal::sim::trace::{Event, What};

use crate::courier::{Five, ROUGH};

/// Messages on their way: when each copy arrives, by link and count.
type OnTheWay = BTreeMap<(NodeId, NodeId, u32), Vec<Time>>;

/// An accountant of its own, which knows only the trace: what arrives was sent,
/// to arrive then, and arrives once; a node that is down does nothing.
fn audit(events: &[Event], least_delay: u64) -> Result<(usize, usize), String> {
    let mut on_the_way: OnTheWay = BTreeMap::new();
    let mut up: BTreeMap<NodeId, bool> = BTreeMap::new();
    let (mut delivered, mut missed) = (0, 0);
    let mut now = Time::ZERO;
    for event in events {
        if event.at < now {
            return Err(format!("time runs backwards: {event:?}"));
        }
        now = event.at;
        match &event.what {
            What::Start { node, .. } => {
                up.insert(*node, true);
            }
            What::Crash { node } => {
                up.insert(*node, false);
            }
            What::Send { node, to, count, arrives, .. } => {
                if !up[node] {
                    return Err(format!("a dead node speaks: {event:?}"));
                }
                if arrives.iter().any(|arrival| arrival.as_nanos() < now.as_nanos() + least_delay) {
                    return Err(format!("faster than the law allows: {event:?}"));
                }
                on_the_way.insert((*node, *to, *count), arrives.clone());
            }
            What::Deliver { node, message } | What::Miss { node, message } => {
                let is_delivery = matches!(event.what, What::Deliver { .. });
                if is_delivery != *up.get(node).unwrap_or(&false) {
                    return Err(format!("up or not? {event:?}"));
                }
                let arrivals = on_the_way.get_mut(&(message.from, *node, message.count));
                let arrivals = arrivals.ok_or_else(|| format!("never sent: {event:?}"))?;
                let place = arrivals.iter().position(|arrival| *arrival == now);
                arrivals.swap_remove(place.ok_or_else(|| format!("not due: {event:?}"))?);
                *(if is_delivery { &mut delivered } else { &mut missed }) += 1;
            }
            _ => {}
        }
    }
    match on_the_way.values().flatten().find(|arrival| **arrival < Time::from_millis(10_000)) {
        Some(due) => Err(format!("what was due at {due} never came")),
        None => Ok((delivered, missed)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_arrives_unsent_twice_early_or_at_a_node_that_is_down(
        seed in 0_u64..1_000_000,
        bounces in prop::collection::vec((0_u32..9_000, 1_u32..=5, 1_u32..2_000), 0..6),
        crashes_by_effect in prop::collection::vec((1_u32..=5, 1_u32..60), 0..4),
        cut in 0_u32..3_000,
    ) {
        let mut faults = format!(
            r#"(at: "{cut}ms", do: Partition([[1, 3]])), (at: "{}ms", do: Heal),"#, cut + 2_000);
        for (at, node, down) in &bounces {
            faults += &format!(r#"(at: "{at}ms", do: Bounce(node: {node}, down: "{down}ms")),"#);
        }
        for (node, nth) in &crashes_by_effect {
            faults += &format!(
                r#"(when: Effect(of: {node}, nth: {nth}), do: Bounce(node: {node}, down: "1s")),"#);
        }
        let events = Five { network: ROUGH, workload: 300, faults, ..Five::default() }.events(seed);
        let (delivered, _) = audit(&events, 1_000_000).map_err(TestCaseError::fail)?;
        prop_assert!(delivered > 50);
    }
}

#[test]
fn mail_to_a_node_that_is_down_is_missed_and_counted() {
    let five = Five {
        network: ROUGH,
        workload: 300,
        faults: r#"(at: "0ms", do: Crash(2)), (at: "2s", do: Bounce(node: 3, down: "3s")),"#
            .to_owned(),
        ..Five::default()
    };
    let report = five.run(4);
    let (delivered, missed) = audit(&five.events(4), 1_000_000).expect("nothing is wrong");
    let lost_to_down = report.tally.lost[&rehearsal::sim::network::Lost::Down];
    assert_eq!((delivered as u64, missed as u64), (report.tally.delivered, lost_to_down));
    assert!(missed > 20);
}
