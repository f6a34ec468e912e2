//! Whatever peers and owners say, in whatever state: no detector panics.

use rehearsal_protocol::conformance::{self, Met, Subject};
use rehearsal_protocol::deadlock::hierarchy::{self, Hierarchy, Tree};
use rehearsal_protocol::deadlock::snapshot::{self, Snapshot};
use rehearsal_protocol::deadlock::{Detector, Notice, Victims, any};
use rehearsal_protocol::resource::{Message, RequestId, View, Wait};
use rehearsal_protocol::{Draw, Effect, NodeId, Time};
use serde_json::Value;

use super::drive::{Chance, ms, n};

struct Tangled<F> {
    nodes: u32,
    build: F,
}

impl<F: Fn(NodeId) -> Detector> Subject for Tangled<F> {
    type Machine = Detector;

    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn build(&self, node: NodeId) -> Detector {
        (self.build)(node)
    }

    fn command(&self, _: NodeId, draws: &mut dyn Draw) -> Option<Notice> {
        // One beyond the last is a stranger.
        let nodes = u64::from(self.nodes) + 1;
        Some(match draws.draw(0..=9) {
            0..=3 => Notice::Look(view(nodes, draws)),
            4..=6 => Notice::Arrives { from: someone(nodes, draws), message: word(draws) },
            7 => Notice::Leader(Some(someone(nodes, draws))),
            8 => Notice::Leader(None),
            _ => Notice::Check,
        })
    }

    fn over_the_wire(&self, message: &any::Message) -> Result<any::Message, String> {
        let value = serde_json::to_value(message).map_err(|error| error.to_string())?;
        let arrived: any::Message =
            serde_json::from_value(value).map_err(|error| error.to_string())?;
        if arrived == *message { Ok(arrived) } else { Err(format!("it becomes {arrived:?}")) }
    }

    /// Changes a number in it, or repeats or drops an item of a list.
    fn mangled(&self, message: &any::Message, draws: &mut dyn Draw) -> Option<any::Message> {
        (0..20).find_map(|_| {
            let mut value = serde_json::to_value(message).ok()?;
            let mut place = draws.draw(0..=40);
            mangle(&mut value, &mut place, draws);
            serde_json::from_value(value).ok()
        })
    }

    fn bytes(&self, effect: &Effect<Detector>) -> Vec<u8> {
        format!("{effect:?}").into_bytes()
    }
}

fn mangle(value: &mut Value, place: &mut u64, draws: &mut dyn Draw) {
    let is_here = *place == 0;
    *place = place.wrapping_sub(1);
    match value {
        Value::Number(_) if is_here => {
            let number = [0, 1, 2, 3, 9, u64::from(u32::MAX), u64::MAX][draws.draw(0..=6) as usize];
            *value = number.into();
        }
        Value::Array(items) if is_here && !items.is_empty() => {
            let item = draws.draw(0..=items.len() as u64 - 1) as usize;
            if draws.draw(0..=1) == 0 {
                items.remove(item);
            } else {
                items.push(items[item].clone());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mangle(item, place, draws)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| mangle(field, place, draws));
        }
        _ => {}
    }
}

fn someone(nodes: u64, draws: &mut dyn Draw) -> NodeId {
    n(draws.draw(1..=nodes) as u32)
}

fn request(nodes: u64, draws: &mut dyn Draw) -> RequestId {
    RequestId { by: someone(nodes, draws), number: draws.draw(0..=2) }
}

fn edges(nodes: u64, draws: &mut dyn Draw) -> Vec<(NodeId, RequestId)> {
    (0..draws.draw(0..=4)).map(|_| (someone(nodes, draws), request(nodes, draws))).collect()
}

/// A view that no party could have, as a rule.
fn view(nodes: u64, draws: &mut dyn Draw) -> View {
    let wait = (draws.draw(0..=3) > 0).then(|| Wait {
        need: draws.draw(0..=4) as u32,
        open: edges(nodes, draws),
        since: (draws.draw(0..=1) == 0).then_some(Time::ZERO),
    });
    View { wait, pending: edges(nodes, draws) }
}

fn word(draws: &mut dyn Draw) -> Message {
    let number = draws.draw(0..=2);
    match draws.draw(0..=3) {
        0 => Message::Request { number },
        1 => Message::Grant { number },
        2 => Message::Release { number },
        _ => Message::Cancel { number },
    }
}

fn check(nodes: u32, build: impl Fn(NodeId) -> Detector) {
    let subject = Tangled { nodes, build };
    let mut met = Met::default();
    for seed in 0..60 {
        met += conformance::check(&subject, &mut Chance(seed), 500).expect("it conforms");
    }
    let has_peers = nodes == 1 || (met.delivered > 500 && met.mangled > 200);
    assert!(has_peers && met.timers > 300 && met.restarts > 500, "{nodes}: {met:?}");
}

#[test]
fn a_snapshot_conforms() {
    for nodes in [1, 2, 3, 5] {
        let rules = snapshot::Rules { nodes, period: ms(9), victims: Some(Victims::Youngest) };
        check(nodes, |id| Snapshot::new(rules, id).into());
    }
}

#[test]
fn a_hierarchy_conforms() {
    for controllers in [&[0][..], &[0, 1], &[2, 3, 0], &[0, 1, 1, 2, 2]] {
        let controllers: Vec<_> = controllers.iter().map(|id| NodeId::new(*id)).collect();
        let nodes = controllers.len() as u32;
        let tree = std::sync::Arc::new(Tree::new(controllers).expect("it is a tree"));
        let rules = hierarchy::Rules {
            tree,
            period: ms(9),
            window: ms(3),
            ask: ms(1),
            victims: Some(Victims::Highest),
        };
        check(nodes, |id| Hierarchy::new(rules.clone(), id).into());
    }
}
