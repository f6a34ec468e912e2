//! What no joined trace may do, whoever joined it: read from its events alone.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::trace::{Event, EventKind};

type Name = (NodeId, NodeId, u32);

/// Every delivery has its send before it, says the same, and is where the send
/// says it is; each link keeps its order and delivers nothing twice; nobody acts
/// while it is down; and on one clock time never goes back. Gives how many were
/// delivered.
pub(super) fn is_causal(events: &[Event], is_on_one_clock: bool) -> usize {
    let mut sent: BTreeMap<Name, (&str, &[Time])> = BTreeMap::new();
    let mut counts: BTreeMap<(NodeId, NodeId), u32> = BTreeMap::new();
    let mut heard: BTreeMap<(NodeId, NodeId), u32> = BTreeMap::new();
    let mut met: BTreeSet<Name> = BTreeSet::new();
    let mut up: BTreeSet<NodeId> = BTreeSet::new();
    let mut clock = Time::ZERO;
    for event in events {
        if is_on_one_clock {
            assert!(clock <= event.at, "{event:?} after {clock}");
            clock = event.at;
        }
        match &event.what {
            EventKind::Start { node, .. } => assert!(up.insert(*node), "{event:?}"),
            EventKind::Crash { node } => assert!(up.remove(node), "{event:?}"),
            EventKind::Send { node, to, count, text, lost, arrives, .. } => {
                assert!(up.contains(node), "{event:?}");
                let before = counts.insert((*node, *to), *count).unwrap_or(0);
                assert_eq!(*count, before + 1, "{event:?}");
                assert!(lost.is_none() || arrives.is_empty(), "{event:?}");
                sent.insert((*node, *to, *count), (text, arrives));
            }
            EventKind::Deliver { node, message } => {
                assert!(up.contains(node), "{event:?}");
                let name = (message.from, *node, message.count);
                let (text, arrives) = sent.get(&name).unwrap_or_else(|| panic!("{event:?}"));
                assert_eq!((*text, *arrives), (&*message.text, &[event.at][..]));
                let before = heard.insert((message.from, *node), message.count).unwrap_or(0);
                assert!(before < message.count, "{event:?}");
                assert_eq!(message.copy, 0);
                met.insert(name);
            }
            EventKind::Timer { node, .. } | EventKind::Emit { node, .. } => {
                assert!(up.contains(node));
            }
            _ => {}
        }
    }
    let arrives = sent.iter().filter(|(_, (_, arrives))| !arrives.is_empty());
    assert!(arrives.map(|(name, _)| name).eq(&met), "sends tell of arrivals that are none");
    met.len()
}

/// What a node told its owner.
pub(super) fn told(events: &[Event], node: NodeId) -> Vec<String> {
    let told = events.iter().filter_map(|event| match &event.what {
        EventKind::Emit { node: who, text } if *who == node => Some(text.clone()),
        _ => None,
    });
    told.collect()
}
