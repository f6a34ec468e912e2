use rehearsal_machine::{NodeId, Time};

/// When something is due, and its place among what is due then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    at: Time,
    /// Class, then destination, then source: 4 + 30 + 30 bits.
    rank: u64,
    /// What tells apart two of the same rank: a count, and the copy in the low bits.
    count: u64,
}

#[derive(Clone, Copy)]
enum Class {
    Fault,
    Start,
    Link,
    Message,
    Timer,
    Command,
}

const NODE_BITS: u32 = 30;
const NODE_MASK: u32 = (1 << NODE_BITS) - 1;
const COPY_BITS: u32 = 8;

/// Nodes a world can have: two of them fit into 40 bits, as link counts need it, and with a class
/// into a rank.
pub(crate) const MOST_NODES: u32 = 1 << 20;
/// Copies of one message that can be told apart.
pub(crate) const MOST_COPIES: usize = 1 << COPY_BITS;

impl Key {
    #[inline]
    pub(crate) fn at(&self) -> Time {
        self.at
    }

    /// The same thing, due then.
    pub(crate) fn moved_to(self, at: Time) -> Self {
        Self { at, ..self }
    }

    /// Calm comes before the faults of its instant.
    pub(crate) fn calm(at: Time) -> Self {
        Self::new(at, Class::Fault, 0, 0, 0)
    }

    /// A strike of the fault at this place.
    pub(crate) fn fault(at: Time, place: usize, nth: u32) -> Self {
        Self::new(at, Class::Fault, 0, 0, ((place as u64 + 1) << 32) + u64::from(nth))
    }

    /// What a fault of this place brings about later, after all faults that
    /// strike then; by which of its strikes.
    pub(crate) fn follows(at: Time, place: usize, strike: u32) -> Self {
        let count = (u64::from(strike) << 32) + place as u64 + 1;
        Self::new(at, Class::Fault, 0, 1, count)
    }

    /// What waited for the end of a node's pause comes before what comes now.
    pub(crate) fn backlog(at: Time, node: NodeId) -> Self {
        Self::new(at, Class::Start, node.number(), 1, 0)
    }

    pub(crate) fn start(at: Time, node: NodeId) -> Self {
        Self::new(at, Class::Start, node.number(), 0, 0)
    }

    /// The setup of sessions ends; before nodes are told.
    pub(crate) fn sessions(at: Time) -> Self {
        Self::new(at, Class::Link, 0, 0, 0)
    }

    /// A node is told that its session of this number with a peer has begun, or that it has ended.
    pub(crate) fn link(at: Time, node: NodeId, peer: NodeId, session: u32, up: bool) -> Self {
        let count = u64::from(session) << 1 | u64::from(!up);
        Self::new(at, Class::Link, node.number(), peer.number(), count)
    }

    #[inline]
    pub(crate) fn message(at: Time, from: NodeId, to: NodeId, count: u32, copy: u8) -> Self {
        let count = u64::from(count) << COPY_BITS | u64::from(copy);
        Self::new(at, Class::Message, to.number(), from.number(), count)
    }

    #[inline]
    pub(crate) fn timer(at: Time, node: NodeId, arming: u64) -> Self {
        Self::new(at, Class::Timer, node.number(), 0, arming)
    }

    pub(crate) fn command(at: Time, node: NodeId, place: usize) -> Self {
        Self::new(at, Class::Command, node.number(), 0, place as u64)
    }

    /// Of a message, news of a link, a deadline or a command: the node that handles it.
    #[inline]
    pub(crate) fn to(&self) -> NodeId {
        // Those keys are made of a node's number.
        NodeId::new((self.rank >> NODE_BITS) as u32 & NODE_MASK).expect("a node's key")
    }

    /// The index of that node; of any other key, some number.
    #[inline]
    pub(crate) fn receiver_index(&self) -> usize {
        ((self.rank >> NODE_BITS) as u32 & NODE_MASK).wrapping_sub(1) as usize
    }

    /// Of a message: the sender; of news of a link: the peer.
    #[inline]
    pub(crate) fn from(&self) -> NodeId {
        NodeId::new(self.rank as u32 & NODE_MASK).expect("a key with a sender")
    }

    /// Of a message: its count on its link, and which copy it is.
    #[inline]
    pub(crate) fn count_and_copy(&self) -> (u32, u8) {
        ((self.count >> COPY_BITS) as u32, self.count as u8)
    }

    /// Of a deadline: its node's arming.
    #[inline]
    pub(crate) fn arming(&self) -> u64 {
        self.count
    }

    #[inline]
    fn new(at: Time, class: Class, major: u32, minor: u32, count: u64) -> Self {
        let rank =
            (class as u64) << (2 * NODE_BITS) | u64::from(major) << NODE_BITS | u64::from(minor);
        Self { at, rank, count }
    }
}
