//! What has overtaken its request, and is kept until that arrives.

use rehearsal::machine::NodeId;
use rehearsal::protocol::deadlock::any::Message;
use rehearsal::protocol::deadlock::{Early, chasing, diffusing};
use rehearsal::protocol::resource::RequestId;

use super::rounds::{EAGER, Form, Rules};
use crate::chance::random;
use crate::drive::{Delay, ms};
use crate::waits::{Model, Waits, clique};

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
    for form in [Form::Chasing, Form::Diffusing] {
        let rules = Rules { early: Early::Buffer, ..EAGER };
        let mut world = form.world(5, rules, Delay::Constant(ms(1)));
        world.look(1, &Waits::of(Model::And, 5, &clique(5)).view(1));
        let mut seed = 0;
        for _ in 0..20_000 {
            let from = 2 + random(&mut seed) as u32 % 4;
            world.deliver(from, 1, nonsense(&mut seed));
        }
        // Of four peers at most, and for each at most five initiators' words.
        let text = format!("{:?}", world.machine(1));
        assert!(text.matches("round: ").count() <= 4 * 5 + 1, "{text}");
        assert!(text.len() < 10_000, "{} characters", text.len());
    }
}
