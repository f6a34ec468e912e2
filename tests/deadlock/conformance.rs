//! Whatever peers and owners say, in whatever state: no site and no detector
//! panics, and each keeps the promises that drivers rely on.

use std::sync::Arc;

use rehearsal::machine::conformance::{Met, Subject};
use rehearsal::machine::{Draw, Effect, NodeId, Time};
use rehearsal::protocol::deadlock::central::{self, Central};
use rehearsal::protocol::deadlock::hierarchy::{self, Hierarchy, Tree};
use rehearsal::protocol::deadlock::labels::{self, Labels};
use rehearsal::protocol::deadlock::snapshot::{self, Snapshot};
use rehearsal::protocol::deadlock::{Detector, DetectorInput, Early, Victims, any};
use rehearsal::protocol::resource::{Message, RequestId, View, Wait};
use rehearsal::{machine, sim};

use crate::chance::Chance;
use crate::chasers::rounds::{EAGER, Form, Rules};
use crate::drive::ms;
use crate::support::{self, MODELS, Sketch, node as n};

type Build = fn(u32, NodeId) -> Detector;

/// What a site says to the detector of this node, one of so many.
type Says = fn(u32, NodeId, &mut dyn Draw) -> DetectorInput;

#[test]
fn every_detector_conforms_in_every_model() {
    for detector in ["Paper", "TwoPhase", "Confirmed"] {
        for model in MODELS {
            let scenario = Sketch::new(5, support::central(detector, ""))
                .with(&format!("model: {model}, locks: [4], resend: \"30ms\""))
                .scenario();
            let met = sim::conformance::check(&scenario, 0..20).expect("it conforms");
            let is_met = met.delivered > 1_000 && met.mangled > 100 && met.restarts > 30;
            assert!(is_met && met.timers > 100, "{detector}, {model}: {met:?}");
        }
    }
}

#[test]
fn a_site_with_victims_conforms() {
    let scenario = Sketch::new(5, support::central("Confirmed", "victims: Youngest"))
        .with("locks: [4], resend: \"30ms\"")
        .scenario();
    let met = sim::conformance::check(&scenario, 0..60).expect("it conforms");
    assert!(met.delivered > 3_000 && met.saves > 300, "{met:?}");
}

#[test]
fn every_detector_conforms_whatever_its_party_does() {
    check_all(of_a_party);
}

#[test]
fn every_detector_conforms_whatever_it_is_told_though_no_party_could_do_so() {
    check_all(of_no_party);
}

fn check_all(says: Says) {
    for (name, build) in DETECTORS {
        let mut met = Met::default();
        for nodes in 1..=5 {
            let subject = Tangled { nodes, build, says };
            for seed in 0..60 {
                let conforms = machine::conformance::check(&subject, &mut Chance(seed), 500);
                met += conforms.unwrap_or_else(|error| panic!("{name}, {nodes} nodes: {error}"));
            }
        }
        println!("{name}: {met:?}");
        let has_peers = met.delivered > 1_000 && met.mangled > 300;
        let is_met = met.commands > 5_000 && met.timers > 2_000 && met.restarts > 2_000;
        assert!(has_peers && is_met, "{name}: {met:?}");
    }
}

const DETECTORS: [(&str, Build); 7] = [
    ("two-phase", |nodes, me| at_a_leader(central::Form::TwoPhase, nodes, me)),
    ("confirmed", |nodes, me| at_a_leader(central::Form::Confirmed, nodes, me)),
    ("chasing", |nodes, me| Form::Chasing.detector(nodes, buffers(Victims::Youngest), me)),
    ("diffusing", |nodes, me| Form::Diffusing.detector(nodes, buffers(Victims::Highest), me)),
    ("labels", |nodes, me| {
        Labels::new(labels::Config { nodes, period: ms(5), resolves: true }, me).into()
    }),
    ("snapshot", |nodes, me| {
        let victims = Some(Victims::Youngest);
        Snapshot::new(snapshot::Config { nodes, period: ms(9), victims }, me).into()
    }),
    ("hierarchy", |nodes, me| {
        let controllers = [&[0][..], &[0, 1], &[2, 3, 0], &[0, 1, 2, 2], &[0, 1, 1, 2, 2]];
        let controllers = controllers[nodes as usize - 1].iter().map(|id| NodeId::new(*id));
        let tree = Arc::new(Tree::new(controllers.collect()).expect("it is a tree"));
        let (period, window, ask, victims) = (ms(9), ms(3), ms(1), Some(Victims::Highest));
        Hierarchy::new(hierarchy::Config { tree, period, window, ask, victims }, me).into()
    }),
];

fn buffers(victims: Victims) -> Rules {
    Rules { early: Early::Buffer, period: ms(5), victims: Some(victims), ..EAGER }
}

fn at_a_leader(form: central::Form, nodes: u32, me: NodeId) -> Detector {
    let (period, window, ask, victims) = (ms(9), ms(3), ms(1), Some(Victims::Highest));
    Central::new(central::Config { nodes, form, period, window, ask, victims }, me).into()
}

struct Tangled {
    nodes: u32,
    build: Build,
    says: Says,
}

impl Subject for Tangled {
    type Machine = Detector;

    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn build(&self, node: NodeId) -> Detector {
        (self.build)(self.nodes, node)
    }

    fn command(&self, node: NodeId, draws: &mut dyn Draw) -> Option<DetectorInput> {
        Some((self.says)(self.nodes, node, draws))
    }

    fn over_the_wire(&self, message: &any::Message) -> Result<any::Message, String> {
        let bytes = postcard::to_stdvec(message).map_err(|error| error.to_string())?;
        let arrived = postcard::from_bytes(&bytes).map_err(|error| error.to_string())?;
        if arrived == *message { Ok(arrived) } else { Err(format!("it becomes {arrived:?}")) }
    }

    /// Changes or drops a byte, or repeats it.
    fn mangled(&self, message: &any::Message, draws: &mut dyn Draw) -> Option<any::Message> {
        (0..20).find_map(|_| {
            let mut bytes = postcard::to_stdvec(message).ok()?;
            let place = draws.draw(0..=bytes.len() as u64 - 1) as usize;
            match draws.draw(0..=3) {
                0 => bytes.insert(place, bytes[place]),
                1 => drop(bytes.remove(place)),
                _ => bytes[place] = draws.draw(0..=u64::from(u8::MAX)) as u8,
            }
            postcard::from_bytes(&bytes).ok()
        })
    }

    fn bytes(&self, effect: &Effect<Detector>) -> Vec<u8> {
        format!("{effect:?}").into_bytes()
    }
}

/// Mostly a view, of a few requests that come up again and again.
fn of_a_party(nodes: u32, me: NodeId, draws: &mut dyn Draw) -> DetectorInput {
    match draws.draw(0..=9) {
        0..=6 => DetectorInput::Look(view(nodes, me, draws)),
        7 => DetectorInput::Leader(Some(someone(nodes.into(), draws))),
        8 => DetectorInput::Leader(None),
        _ => DetectorInput::Check,
    }
}

fn of_no_party(nodes: u32, _: NodeId, draws: &mut dyn Draw) -> DetectorInput {
    // One beyond the last is a stranger.
    let nodes = u64::from(nodes) + 1;
    match draws.draw(0..=9) {
        0..=3 => DetectorInput::Look(wild_view(nodes, draws)),
        4..=6 => DetectorInput::Arrives { from: someone(nodes, draws), message: word(draws) },
        7 => DetectorInput::Leader(Some(someone(nodes, draws))),
        8 => DetectorInput::Leader(None),
        _ => DetectorInput::Check,
    }
}

fn view(nodes: u32, me: NodeId, draws: &mut dyn Draw) -> View {
    let some = |draws: &mut dyn Draw| -> Vec<NodeId> {
        let others = NodeId::all(nodes).filter(|other| *other != me);
        others.filter(|_| draws.draw(0..=2) > 0).collect()
    };
    let id = |by, draws: &mut dyn Draw| RequestId { by, number: draws.draw(1..=2) };
    let ours = id(me, draws);
    let open: Vec<_> = some(draws).into_iter().map(|of| (of, ours)).collect();
    let since = (draws.draw(0..=3) > 0).then_some(Time::ZERO);
    let wait = (draws.draw(0..=9) > 0).then_some(Wait { need: 1, open, since });
    let pending = some(draws).into_iter().map(|by| (by, id(by, draws))).collect();
    View { wait, pending }
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
fn wild_view(nodes: u64, draws: &mut dyn Draw) -> View {
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
