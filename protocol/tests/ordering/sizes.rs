//! How many bytes packets take, by an encoder, against what the disciplines reckon.

use std::collections::BTreeMap;

use rehearsal_machine::NodeId;
use rehearsal_protocol::election::Epoch;
use rehearsal_protocol::link::sliding_window::Message;
use rehearsal_protocol::ordering::multicast::Parcel;
use rehearsal_protocol::ordering::{
    Content as _, Destinations, Discipline, MatrixClock, MessageId, Packet, Stamp, Submission,
    VectorClock, lamport_clocks, majority, max_overhead, pc_broadcast, raynal_schiper_toueg, relay,
    schiper_eggli_sandoz, sequencer, skeen,
};

use crate::random::ALL;

/// The greatest count that is reckoned with.
const MOST: u64 = (1 << 42) - 1;
const WINDOW: u32 = 1;

struct Largest {
    nodes: u32,
}

impl Largest {
    fn node(&self) -> NodeId {
        NodeId::new(self.nodes).unwrap()
    }

    fn vector(&self) -> VectorClock {
        let mut clock = VectorClock::new(self.nodes);
        NodeId::all(self.nodes).for_each(|node| clock.raise(node, MOST));
        clock
    }

    fn matrix(&self) -> MatrixClock {
        let mut clock = MatrixClock::new(self.nodes);
        for from in NodeId::all(self.nodes) {
            NodeId::all(self.nodes).for_each(|to| clock.raise(from, to, MOST));
        }
        clock
    }

    fn to(&self) -> Destinations {
        NodeId::all(self.nodes).collect()
    }

    /// The largest packet of a discipline that carries a message.
    fn packet(&self, discipline: Discipline) -> Packet<u64> {
        let message = MessageId { by: self.node(), number: MOST };
        let epoch = Epoch { counter: MOST, leader: self.node() };
        let content = u64::MAX;
        let submission = Submission { message, to: self.to(), content };
        let data = |stamp| Packet::Data { message, stamp, content };
        match discipline {
            Discipline::Unordered => data(Stamp::Unordered),
            Discipline::Fifo => data(Stamp::Fifo(MOST)),
            Discipline::CausalBroadcast => data(Stamp::CausalBroadcast(self.vector())),
            Discipline::RaynalSchiperToueg => {
                let stamp = raynal_schiper_toueg::Stamp { sent: self.matrix(), to: self.to() };
                data(Stamp::RaynalSchiperToueg(stamp))
            }
            Discipline::SchiperEggliSandoz => {
                let last_sent: BTreeMap<_, _> =
                    NodeId::all(self.nodes).map(|node| (node, self.vector())).collect();
                let stamp =
                    schiper_eggli_sandoz::Stamp { at: self.vector(), last_sent, to: self.to() };
                data(Stamp::SchiperEggliSandoz(stamp))
            }
            Discipline::Sequencer => {
                Packet::Sequencer(sequencer::Packet::Order { epoch, position: MOST, submission })
            }
            Discipline::MajoritySequencer => {
                let submission = Some(submission);
                let next = Some((MOST, majority::Accepted { epoch, submission }));
                let (delivered, after) = (MOST, MOST);
                Packet::Majority(majority::Packet::Promise { epoch, delivered, after, next })
            }
            Discipline::LamportClocks => Packet::LamportClocks(lamport_clocks::Packet {
                number: MOST,
                at: MOST,
                submission: Some(submission),
            }),
            Discipline::PcBroadcast => {
                Packet::PcBroadcast(pc_broadcast::Packet { number: MOST, message, content })
            }
            Discipline::Skeen => Packet::Skeen(skeen::Packet::Ask { message, content }),
            Discipline::Relay { .. } => {
                Packet::Relay(relay::Packet::Submit { number: MOST, submission })
            }
            other => panic!("{other} is new"),
        }
    }
}

fn bytes(message: &Message<Parcel<u64>>) -> u64 {
    postcard::to_stdvec(message).expect("it has a form").len() as u64
}

#[test]
fn no_packet_takes_more_besides_its_content_than_its_discipline_reckons_nor_much_less() {
    for discipline in ALL {
        for nodes in [1, 3, 127, 128, 200] {
            let packet = Largest { nodes }.packet(discipline);
            let content = packet.content().expect("it has one").max_bytes();
            let parcel = Parcel { number: MOST, packet };
            let (incarnation, number, floor) = (MOST, MOST, MOST);
            let taken = bytes(&Message::Data { incarnation, number, floor, content: parcel });
            let most = max_overhead(discipline, nodes, WINDOW);
            let overhead = taken - content;
            // What machines around the group may add is not here, nor is Skeen's final time. In
            // a large group some nodes have shorter numbers than others.
            let shorter = if nodes < 128 { 0 } else { 2 * 127 };
            let reckoned = overhead + 4..=overhead + 4 + 12 + shorter;
            assert!(reckoned.contains(&most), "{discipline}, {nodes}: {overhead}, {most}");
        }
    }
}

#[test]
fn no_acknowledgement_takes_more_than_its_window_reckons() {
    for window in [1, 8, 200] {
        let ack = Message::Ack {
            incarnation: MOST,
            below: MOST,
            beyond: vec![MOST; window as usize - 1],
        };
        let most = max_overhead(Discipline::Unordered, 1, window);
        assert!(bytes(&ack) <= most, "{window}: {most}");
    }
}
