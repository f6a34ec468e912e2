use super::{Discipline, NODES, Vector};

type Matrix = [Vector; NODES];

/// What a node learns from a message that it delivers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Learns {
    /// All that the sender knew, and to which nodes the message goes.
    All,
    /// All that the sender knew: a broadcast is so many unicasts.
    NoOtherDestinations,
    /// That the message was sent.
    MessageOnly,
}

/// Causal multicast by a matrix of what each node has sent to each (Raynal, Schiper and
/// Toueg 1991).
pub(super) struct RaynalSchiperToueg {
    me: usize,
    learns: Learns,
    /// How many messages each node has sent to each, as far as this node knows.
    sent: Matrix,
    delivered: Vector,
}

#[derive(Clone)]
pub(super) struct Stamp {
    to: Vec<usize>,
    sent: Matrix,
}

impl RaynalSchiperToueg {
    pub(super) fn new(me: usize, learns: Learns) -> Self {
        Self { me, learns, sent: [[0; NODES]; NODES], delivered: [0; NODES] }
    }

    fn multicast(&mut self, to: &[usize]) -> Stamp {
        let stamp = Stamp { to: to.to_vec(), sent: self.sent };
        for to in to {
            self.sent[self.me][*to] += 1;
        }
        stamp
    }
}

impl Discipline for RaynalSchiperToueg {
    type Stamp = Stamp;

    fn send(&mut self, to: &[usize]) -> Vec<Stamp> {
        match self.learns {
            Learns::NoOtherDestinations => to.iter().map(|to| self.multicast(&[*to])).collect(),
            _ => vec![self.multicast(to); to.len()],
        }
    }

    fn deliver(&mut self, from: usize, stamp: &Stamp) -> bool {
        let Stamp { to, sent } = stamp;
        let is_due = (0..NODES).all(|node| self.delivered[node] >= sent[node][self.me]);
        if is_due {
            self.delivered[from] += 1;
            if self.learns != Learns::MessageOnly {
                for (ours, theirs) in self.sent.iter_mut().flatten().zip(sent.iter().flatten()) {
                    *ours = (*ours).max(*theirs);
                }
            }
            for to in to {
                self.sent[from][*to] = self.sent[from][*to].max(sent[from][*to] + 1);
            }
        }
        is_due
    }
}
