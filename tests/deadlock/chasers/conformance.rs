//! Whatever peers say, in whatever state: no detector panics, and each keeps the
//! promises that drivers rely on.

use std::time::Duration;

use rehearsal::protocol::conformance::{Met, Subject, check};
use rehearsal::protocol::deadlock::any::Message;
use rehearsal::protocol::deadlock::{Detector, Notice, Overtaken, Victims};
use rehearsal::protocol::deadlock::{chasing, diffusing, labels};
use rehearsal::protocol::resource::{RequestId, View, Wait};
use rehearsal::protocol::{Draw, Effect, NodeId, Time};

use super::driver::{World, constant, random};
use super::graphs::{Model, clique};

struct Of {
    nodes: u32,
    build: fn(u32, NodeId) -> Detector,
}

impl Subject for Of {
    type Machine = Detector;

    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn build(&self, node: NodeId) -> Detector {
        (self.build)(self.nodes, node)
    }

    /// Mostly a view, of a few requests that come up again and again.
    fn command(&self, node: NodeId, draws: &mut dyn Draw) -> Option<Notice> {
        if draws.draw(0..=4) == 0 {
            return Some(Notice::Check);
        }
        let others: Vec<_> = (0..self.nodes as usize).map(NodeId::from_index).collect();
        let some = |draws: &mut dyn Draw| -> Vec<NodeId> {
            let others = others.iter().copied().filter(|other| *other != node);
            others.filter(|_| draws.draw(0..=2) > 0).collect()
        };
        let id = |by, draws: &mut dyn Draw| RequestId { by, number: draws.draw(1..=2) };
        let ours = id(node, draws);
        let open: Vec<_> = some(draws).into_iter().map(|of| (of, ours)).collect();
        let since = (draws.draw(0..=3) > 0).then_some(Time::ZERO);
        let wait = (draws.draw(0..=9) > 0).then_some(Wait { need: 1, open, since });
        let pending = some(draws).into_iter().map(|by| (by, id(by, draws))).collect();
        Some(Notice::Look(View { wait, pending }))
    }

    fn over_the_wire(&self, message: &Message) -> Result<Message, String> {
        let text = serde_json::to_string(message).map_err(|error| error.to_string())?;
        let arrived = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if *message == arrived { Ok(arrived) } else { Err(format!("{message:?}: {arrived:?}")) }
    }

    /// Another digit here and there, or another word.
    fn mangled(&self, message: &Message, draws: &mut dyn Draw) -> Option<Message> {
        let text = serde_json::to_string(message).ok()?;
        let digits: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).collect();
        let (place, _) = *digits.get(draws.draw(0..=digits.len() as u64 - 1) as usize)?;
        let mut changed = text.clone();
        let digit = ["0", "1", "2", "3", "7", "18446744073709551615"];
        changed.replace_range(place..=place, digit[draws.draw(0..=5) as usize]);
        serde_json::from_str(&changed).ok()
    }

    fn bytes(&self, effect: &Effect<Detector>) -> Vec<u8> {
        format!("{effect:?}").into_bytes()
    }
}

struct Numbers(u64);

impl Draw for Numbers {
    fn draw(&mut self, range: std::ops::RangeInclusive<u64>) -> u64 {
        let (least, most) = range.into_inner();
        least + random(&mut self.0) % most.saturating_sub(least).saturating_add(1).max(1)
    }
}

const PERIOD: Duration = Duration::from_millis(5);

fn chasing(nodes: u32, me: NodeId) -> Detector {
    let victims = Some(Victims::Youngest);
    let (patience, overtaken) = (Duration::ZERO, Overtaken::Holds);
    let rules = chasing::Rules { nodes, patience, period: PERIOD, overtaken, victims };
    chasing::Chasing::new(rules, me).into()
}

fn diffusing(nodes: u32, me: NodeId) -> Detector {
    let victims = Some(Victims::Highest);
    let (patience, overtaken) = (Duration::ZERO, Overtaken::Holds);
    let rules = diffusing::Rules { nodes, patience, period: PERIOD, overtaken, victims };
    diffusing::Diffusing::new(rules, me).into()
}

fn labels(nodes: u32, me: NodeId) -> Detector {
    labels::Labels::new(labels::Rules { nodes, period: PERIOD, resolves: true }, me).into()
}

#[test]
fn every_detector_without_a_leader_conforms() {
    let forms: [fn(u32, NodeId) -> Detector; 3] = [chasing, diffusing, labels];
    for (place, build) in forms.into_iter().enumerate() {
        for nodes in 1..=5 {
            let mut met = Met::default();
            for seed in 0..40 {
                met += check(&Of { nodes, build }, &mut Numbers(seed), 500).expect("it conforms");
            }
            let is_met = met.commands > 1_000 && met.restarts > 100;
            let has_peers = met.timers > 500 && met.delivered > 500 && met.mangled > 50;
            let has_peers = has_peers || nodes == 1;
            assert!(is_met && has_peers, "form {place}, {nodes} nodes: {met:?}");
        }
    }
}

/// Words about requests that nobody ever made, of all kinds.
fn nonsense(seed: &mut u64) -> Message {
    let id = |seed: &mut u64| RequestId {
        by: NodeId::from_index(random(seed) as usize % 5),
        number: random(seed),
    };
    let (initiator, round, request) = (id(seed), random(seed), id(seed));
    if random(seed).is_multiple_of(2) {
        chasing::Message::Probe(chasing::Probe { initiator, round, request, greatest: None }).into()
    } else {
        diffusing::Message::Query(diffusing::Query { initiator, round, request }).into()
    }
}

#[test]
fn what_is_held_is_bounded_whatever_peers_say() {
    for build in [chasing as fn(u32, NodeId) -> Detector, diffusing] {
        let mut world = World::new(5, |me| build(5, me), constant(1));
        let view = clique(5).view(1, Model::And);
        world.look(1, &view);
        let mut seed = 0;
        for _ in 0..20_000 {
            let from = 2 + random(&mut seed) as usize % 4;
            world.deliver(from, 1, nonsense(&mut seed));
        }
        // Of four peers at most, and for each at most five initiators' words.
        let text = format!("{:?}", world.nodes[0]);
        assert!(text.matches("round: ").count() <= 4 * 5 + 1, "{text}");
        assert!(text.len() < 10_000, "{} characters", text.len());
    }
}
