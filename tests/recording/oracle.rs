//! What no joined trace may do, whoever joined it: read from its events alone.

use std::collections::{BTreeMap, BTreeSet};

use rehearsal::machine::{NodeId, Time};
use rehearsal::sim::plan::MessageKey;
use rehearsal::sim::trace::{Event, EventKind};

/// A message as it was sent.
#[derive(Clone, Copy)]
struct Sent<'a> {
    number: u64,
    text: &'a str,
    arrives: &'a [Time],
}

/// Every delivery has its send before it, says the same, and is where the send
/// says it is; each link keeps its order and delivers nothing twice; nobody acts
/// while it is down; and on one clock time never goes back. Gives how many were
/// delivered.
pub(super) fn is_causal(events: &[Event], is_on_one_clock: bool) -> usize {
    let mut sent: BTreeMap<&MessageKey, Sent<'_>> = BTreeMap::new();
    let mut counts: BTreeMap<(NodeId, NodeId, &str), u32> = BTreeMap::new();
    let mut heard: BTreeMap<(NodeId, NodeId), u64> = BTreeMap::new();
    let mut met: BTreeSet<&MessageKey> = BTreeSet::new();
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
            EventKind::Send { message, text, lost, arrives, .. } => {
                let MessageKey { from, to, kind, nth } = message;
                assert!(up.contains(from), "{event:?}");
                let before = counts.insert((*from, *to, kind), *nth).unwrap_or(0);
                assert_eq!(*nth, before + 1, "{event:?}");
                assert!(lost.is_none() || arrives.is_empty(), "{event:?}");
                sent.insert(message, Sent { number: event.number, text, arrives });
            }
            EventKind::Deliver { message, copy, text } => {
                assert!(up.contains(&message.to), "{event:?}");
                let Sent { number, text: said, arrives } =
                    *sent.get(message).unwrap_or_else(|| panic!("{event:?}"));
                assert_eq!((said, arrives), (text.as_str(), &[event.at][..]));
                assert_eq!(event.cause, Some(number));
                let before = heard.insert((message.from, message.to), number).unwrap_or(0);
                assert!(before < number, "{event:?}");
                assert_eq!(*copy, 0);
                met.insert(message);
            }
            EventKind::Timer { timer } => assert!(up.contains(&timer.node)),
            EventKind::Emit { node, .. } => assert!(up.contains(node)),
            _ => {}
        }
    }
    let arrives = sent.iter().filter(|(_, sent)| !sent.arrives.is_empty());
    assert!(arrives.map(|(key, _)| key).eq(&met), "sends tell of arrivals that are none");
    met.len()
}

/// What a node told its owner.
pub(super) fn told(events: &[Event], node: NodeId) -> Vec<String> {
    let told = events.iter().filter_map(|event| match &event.what {
        EventKind::Emit { node: who, text, .. } if *who == node => Some(text.clone()),
        _ => None,
    });
    told.collect()
}
