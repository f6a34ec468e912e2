use alloc::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::packet::{Packet, Stamp};
use super::{
    Actions, CausalBroadcast, DeliveryOrder, Destinations, Discipline, Fifo, HoldBack,
    LamportClocks, MajoritySequencer, MessageId, PcBroadcast, RaynalSchiperToueg, Relay,
    SchiperEggliSandoz, Sequencer, Skeen, Submission,
};
use crate::election::Epoch;
use rehearsal_machine::NodeId;

/// A node of any discipline, without a network, a disk or an owner.
///
/// It takes every packet once, and packets to itself do not leave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Algorithm<T> {
    me: NodeId,
    form: Form<T>,
}

/// A message that waits for earlier ones.
type Held<T> = (MessageId, T);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Form<T> {
    Unordered(Unordered),
    Fifo(HoldBack<Fifo, Held<T>>),
    CausalBroadcast(HoldBack<CausalBroadcast, Held<T>>),
    RaynalSchiperToueg(HoldBack<RaynalSchiperToueg, Held<T>>),
    SchiperEggliSandoz(HoldBack<SchiperEggliSandoz, Held<T>>),
    Sequencer(Sequencer<T>),
    Majority(MajoritySequencer<T>),
    Skeen(Skeen<T>),
    Relay(Relay<T>),
    LamportClocks(LamportClocks<T>),
    PcBroadcast(PcBroadcast<T>),
}

type Steps<T> = Actions<Packet<T>, T>;

impl<T: Clone> Algorithm<T> {
    /// Node `me` of this many, before any message.
    #[must_use]
    pub fn new(discipline: Discipline, me: NodeId, nodes: u32) -> Self {
        let form = match discipline {
            Discipline::Unordered => Form::Unordered(Unordered),
            Discipline::Fifo => Form::Fifo(HoldBack::new(Fifo::new())),
            Discipline::CausalBroadcast => {
                Form::CausalBroadcast(HoldBack::new(CausalBroadcast::new(me, nodes)))
            }
            Discipline::RaynalSchiperToueg => {
                Form::RaynalSchiperToueg(HoldBack::new(RaynalSchiperToueg::new(me, nodes)))
            }
            Discipline::SchiperEggliSandoz => {
                Form::SchiperEggliSandoz(HoldBack::new(SchiperEggliSandoz::new(me, nodes)))
            }
            Discipline::Sequencer => Form::Sequencer(Sequencer::new(me, nodes)),
            Discipline::MajoritySequencer => Form::Majority(MajoritySequencer::new(me, nodes)),
            Discipline::Skeen => Form::Skeen(Skeen::new(me)),
            Discipline::LamportClocks => Form::LamportClocks(LamportClocks::new(me, nodes)),
            Discipline::PcBroadcast => Form::PcBroadcast(PcBroadcast::new(me, nodes)),
            Discipline::Relay { server } => Form::Relay(Relay::new(me, server)),
        };
        Self { me, form }
    }

    /// How many messages wait here for others, or for the agreement on their place.
    #[must_use]
    pub fn held(&self) -> usize {
        self.node().held()
    }

    /// How many ever waited at the same time.
    #[must_use]
    pub fn most_held(&self) -> usize {
        self.node().most_held()
    }

    /// How many messages of this node wait for the agreement on their place.
    #[must_use]
    pub fn unordered(&self) -> usize {
        self.node().unordered()
    }

    /// How many messages this node keeps for itself and others: those that wait here, and
    /// those that a node may still ask for.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.node().kept()
    }

    /// Whether this node numbers the messages of all.
    #[must_use]
    pub fn leads(&self) -> bool {
        self.node().leads()
    }

    /// Whether this node asks the others what an earlier leader has numbered, in order to
    /// lead.
    #[must_use]
    pub fn recovers(&self) -> bool {
        self.node().recovers()
    }

    /// The nodes to which packets go at once if this node sends a message to these.
    #[must_use]
    pub fn receivers(&self, to: &Destinations) -> Destinations {
        self.node().receivers(to)
    }

    /// The nodes to which this node passes on a packet of another node at once.
    #[must_use]
    pub fn passes_on(&self, packet: &Packet<T>) -> Destinations {
        self.node().passes_on(packet)
    }

    /// Sends a message of this node. [`Discipline::check`] tells whether it can.
    pub fn send(&mut self, submission: Submission<T>) -> Actions<Packet<T>, T> {
        self.act(|node, actions| node.send(submission, actions))
    }

    /// Takes a packet of another node, each one once, which that node
    /// [can have sent](Packet::is_from). A packet of another discipline is ignored.
    pub fn receive(&mut self, from: NodeId, packet: Packet<T>) -> Actions<Packet<T>, T> {
        self.act(|node, actions| node.receive(from, packet, actions))
    }

    /// Follows the leader of this epoch, or leads if it is this node. Nothing happens
    /// in a discipline without a leader.
    pub fn follow(&mut self, epoch: Epoch) -> Actions<Packet<T>, T> {
        self.act(|node, actions| node.follow(epoch, actions))
    }

    /// Acts, and takes the packets that the node sends to itself meanwhile.
    fn act(&mut self, first: impl FnOnce(&mut dyn OrderingProtocol<T>, &mut Steps<T>)) -> Steps<T> {
        let me = self.me;
        let node = self.node_mut();
        let (mut all, mut actions) = (Steps::new(), Steps::new());
        first(node, &mut actions);
        let mut packets = VecDeque::new();
        loop {
            all.deliveries.append(&mut actions.deliveries);
            packets.extend(actions.packets.drain(..));
            match packets.pop_front() {
                Some((to, packet)) if to == me => node.receive(me, packet, &mut actions),
                Some((to, packet)) => all.send(to, packet),
                None => return all,
            }
        }
    }

    fn node(&self) -> &dyn OrderingProtocol<T> {
        match &self.form {
            Form::Unordered(node) => node,
            Form::Fifo(node) => node,
            Form::CausalBroadcast(node) => node,
            Form::RaynalSchiperToueg(node) => node,
            Form::SchiperEggliSandoz(node) => node,
            Form::Sequencer(node) => node,
            Form::Majority(node) => node,
            Form::Skeen(node) => node,
            Form::LamportClocks(node) => node,
            Form::PcBroadcast(node) => node,
            Form::Relay(node) => node,
        }
    }

    fn node_mut(&mut self) -> &mut dyn OrderingProtocol<T> {
        match &mut self.form {
            Form::Unordered(node) => node,
            Form::Fifo(node) => node,
            Form::CausalBroadcast(node) => node,
            Form::RaynalSchiperToueg(node) => node,
            Form::SchiperEggliSandoz(node) => node,
            Form::Sequencer(node) => node,
            Form::Majority(node) => node,
            Form::Skeen(node) => node,
            Form::LamportClocks(node) => node,
            Form::PcBroadcast(node) => node,
            Form::Relay(node) => node,
        }
    }
}

/// What all forms have in common.
trait OrderingProtocol<T> {
    fn held(&self) -> usize;
    fn most_held(&self) -> usize;
    fn unordered(&self) -> usize {
        0
    }
    fn kept(&self) -> usize {
        self.held()
    }
    fn leads(&self) -> bool {
        false
    }
    fn recovers(&self) -> bool {
        false
    }
    fn receivers(&self, to: &Destinations) -> Destinations {
        to.clone()
    }
    fn passes_on(&self, _packet: &Packet<T>) -> Destinations {
        Destinations::default()
    }
    fn send(&mut self, submission: Submission<T>, actions: &mut Steps<T>);
    fn receive(&mut self, from: NodeId, packet: Packet<T>, actions: &mut Steps<T>);
    fn follow(&mut self, _epoch: Epoch, _actions: &mut Steps<T>) {}
}

/// Delivers a message when it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Unordered;

impl<T: Clone> OrderingProtocol<T> for Unordered {
    fn held(&self) -> usize {
        0
    }

    fn most_held(&self) -> usize {
        0
    }

    fn send(&mut self, submission: Submission<T>, actions: &mut Steps<T>) {
        let Submission { message, to, content } = submission;
        let stamp = Stamp::Unordered;
        actions.send_all(to.iter(), &Packet::Data { message, stamp, content });
    }

    fn receive(&mut self, _: NodeId, packet: Packet<T>, actions: &mut Steps<T>) {
        if let Packet::Data { message, stamp: Stamp::Unordered, content } = packet {
            actions.deliver(message, content);
        }
    }
}

/// The stamp of an order as one of all stamps, and back.
trait StampOf: DeliveryOrder {
    fn wrap(stamp: Self::Stamp) -> Stamp;
    fn unwrap(stamp: Stamp) -> Option<Self::Stamp>;
}

macro_rules! stamp_of {
    ($($order:ident),*) => {$(
        impl StampOf for $order {
            fn wrap(stamp: Self::Stamp) -> Stamp {
                Stamp::$order(stamp)
            }

            fn unwrap(stamp: Stamp) -> Option<Self::Stamp> {
                if let Stamp::$order(stamp) = stamp { Some(stamp) } else { None }
            }
        }
    )*};
}

stamp_of!(Fifo, CausalBroadcast, RaynalSchiperToueg, SchiperEggliSandoz);

impl<O: StampOf, T: Clone> OrderingProtocol<T> for HoldBack<O, Held<T>> {
    fn held(&self) -> usize {
        self.len()
    }

    fn most_held(&self) -> usize {
        self.most()
    }

    fn send(&mut self, submission: Submission<T>, actions: &mut Steps<T>) {
        let Submission { message, to, content } = submission;
        for (to, stamp) in self.stamp(&to) {
            let (stamp, content) = (O::wrap(stamp), content.clone());
            actions.send(to, Packet::Data { message, stamp, content });
        }
    }

    fn receive(&mut self, from: NodeId, packet: Packet<T>, actions: &mut Steps<T>) {
        if let Packet::Data { message, stamp, content } = packet
            && let Some(stamp) = O::unwrap(stamp)
        {
            actions.deliveries.extend(self.receive(from, stamp, (message, content)));
        }
    }
}

/// A protocol with packets of its own, as one of all forms.
macro_rules! node {
    ($($node:ident: $packet:ident { $($more:ident)* })*) => {$(
        impl<T: Clone> OrderingProtocol<T> for $node<T> {
            fn held(&self) -> usize {
                self.held()
            }

            fn most_held(&self) -> usize {
                self.most_held()
            }

            fn send(&mut self, submission: Submission<T>, actions: &mut Steps<T>) {
                wrapped(actions, Packet::$packet, |actions| self.send(submission, actions));
            }

            fn receive(&mut self, from: NodeId, packet: Packet<T>, actions: &mut Steps<T>) {
                if let Packet::$packet(packet) = packet {
                    wrapped(actions, Packet::$packet, |actions| self.receive(from, packet, actions));
                }
            }

            $(node!(@more $packet $more);)*
        }
    )*};
    (@more $packet:ident unordered) => {
        fn unordered(&self) -> usize {
            self.unordered()
        }
    };
    (@more $packet:ident kept) => {
        fn kept(&self) -> usize {
            self.kept()
        }
    };
    (@more $packet:ident leads) => {
        fn leads(&self) -> bool {
            self.leads()
        }
    };
    (@more $packet:ident recovers) => {
        fn recovers(&self) -> bool {
            self.recovers()
        }
    };
    (@more $packet:ident receivers) => {
        fn receivers(&self, to: &Destinations) -> Destinations {
            self.receivers(to)
        }
    };
    (@more $packet:ident passes_on) => {
        fn passes_on(&self, packet: &Packet<T>) -> Destinations {
            if let Packet::$packet(packet) = packet { self.passes_on(packet) } else { Destinations::default() }
        }
    };
    (@more $packet:ident follow) => {
        fn follow(&mut self, epoch: Epoch, actions: &mut Steps<T>) {
            wrapped(actions, Packet::$packet, |actions| self.follow(epoch, actions));
        }
    };
}

node! {
    Sequencer: Sequencer { unordered kept leads receivers passes_on follow }
    MajoritySequencer: Majority { unordered kept leads recovers receivers follow }
    Skeen: Skeen { unordered }
    LamportClocks: LamportClocks { unordered }
    PcBroadcast: PcBroadcast { receivers }
    Relay: Relay { receivers passes_on }
}

/// Does what a protocol of its own does, with its packets as packets of any.
fn wrapped<P, T>(
    actions: &mut Steps<T>,
    wrap: fn(P) -> Packet<T>,
    act: impl FnOnce(&mut Actions<P, T>),
) {
    let mut own = Actions::new();
    act(&mut own);
    actions.deliveries.append(&mut own.deliveries);
    actions.packets.extend(own.packets.into_iter().map(|(to, packet)| (to, wrap(packet))));
}
