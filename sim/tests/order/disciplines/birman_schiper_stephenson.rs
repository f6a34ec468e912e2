use super::{Discipline, NODES, Vector};

/// When a message may be delivered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// It is the next one of its sender, and all that the sender had delivered is
    /// delivered.
    Published,
    /// It is the next one of its sender.
    SenderOnly,
    /// It is a later one of its sender than the last, and all that the sender had
    /// delivered is delivered.
    AnyLater,
}

/// Causal broadcast by vector clocks (Birman, Schiper and Stephenson 1991).
pub(super) struct BirmanSchiperStephenson {
    me: usize,
    condition: Condition,
    /// How many messages of each node are delivered, and how many of its own are sent.
    delivered: Vector,
}

impl BirmanSchiperStephenson {
    pub(super) fn new(me: usize, condition: Condition) -> Self {
        Self { me, condition, delivered: [0; NODES] }
    }
}

impl Discipline for BirmanSchiperStephenson {
    type Stamp = Vector;

    fn send(&mut self, to: &[usize]) -> Vec<Vector> {
        self.delivered[self.me] += 1;
        vec![self.delivered; to.len()]
    }

    fn deliver(&mut self, from: usize, stamp: &Vector) -> bool {
        let is_turn = match self.condition {
            Condition::AnyLater => stamp[from] > self.delivered[from],
            _ => stamp[from] == self.delivered[from] + 1,
        };
        let is_past_delivered = self.condition == Condition::SenderOnly
            || (0..NODES).all(|node| node == from || stamp[node] <= self.delivered[node]);
        if is_turn && is_past_delivered {
            self.delivered[from] = stamp[from];
        }
        is_turn && is_past_delivered
    }
}
