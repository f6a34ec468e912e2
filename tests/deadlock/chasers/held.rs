//! What has overtaken its request, and is kept until that arrives.

use std::time::Duration;

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::any::Message;
use rehearsal::protocol::deadlock::chasing::{self, Chasing};
use rehearsal::protocol::deadlock::diffusing::{self, Diffusing};
use rehearsal::protocol::deadlock::{Detector, Early};
use rehearsal::protocol::resource::RequestId;

use super::driver::{World, constant};
use super::graphs::{Model, clique};
use crate::chance::random;

fn chasing(me: NodeId) -> Detector {
    let rules = chasing::Config { early: Early::Buffer, ..super::chasing::eager(5) };
    Chasing::new(rules, me).into()
}

fn diffusing(me: NodeId) -> Detector {
    let rules = diffusing::Config {
        early: Early::Buffer,
        patience: Duration::ZERO,
        ..super::diffusing::rules(5)
    };
    Diffusing::new(rules, me).into()
}

/// Words about requests that nobody ever made, of all kinds.
fn nonsense(seed: &mut u64) -> Message {
    let id = |seed: &mut u64| RequestId {
        by: NodeId::from_index(random(seed) as usize % 5),
        number: random(seed),
    };
    let (initiator, round, request) = (id(seed), random(seed), id(seed));
    if random(seed).is_multiple_of(2) {
        Message::Chasing(chasing::Message::Probe(chasing::Probe {
            initiator,
            round,
            request,
            greatest: None,
        }))
    } else {
        Message::Diffusing(diffusing::Message::Query(diffusing::Query {
            initiator,
            round,
            request,
        }))
    }
}

#[test]
fn what_is_held_is_bounded_whatever_peers_say() {
    for build in [chasing as fn(NodeId) -> Detector, diffusing] {
        let mut world = World::new(5, build, constant(1));
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
