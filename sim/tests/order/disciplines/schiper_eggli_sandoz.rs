use std::collections::BTreeMap;

use super::{Discipline, NODES, Vector};

/// Causal multicast by a vector for each destination of an earlier message (Schiper,
/// Eggli and Sandoz 1989).
pub(super) struct SchiperEggliSandoz {
    me: usize,
    time: Vector,
    /// The time of the last message to each destination, as far as this node knows.
    last: BTreeMap<usize, Vector>,
}

#[derive(Clone)]
pub(super) struct Stamp {
    to: Vec<usize>,
    time: Vector,
    last: BTreeMap<usize, Vector>,
}

impl SchiperEggliSandoz {
    pub(super) fn new(me: usize) -> Self {
        Self { me, time: [0; NODES], last: BTreeMap::new() }
    }
}

impl Discipline for SchiperEggliSandoz {
    type Stamp = Stamp;

    fn send(&mut self, to: &[usize]) -> Vec<Stamp> {
        self.time[self.me] += 1;
        let stamp = Stamp { to: to.to_vec(), time: self.time, last: self.last.clone() };
        self.last.extend(to.iter().map(|to| (*to, self.time)));
        vec![stamp; to.len()]
    }

    fn deliver(&mut self, _: usize, stamp: &Stamp) -> bool {
        let is_due = stamp
            .last
            .get(&self.me)
            .is_none_or(|last| last.iter().zip(&self.time).all(|(needed, known)| needed <= known));
        if is_due {
            let others = stamp.to.iter().map(|to| (to, &stamp.time));
            for (to, theirs) in stamp.last.iter().chain(others).filter(|(to, _)| **to != self.me) {
                merge(self.last.entry(*to).or_default(), theirs);
            }
            merge(&mut self.time, &stamp.time);
        }
        is_due
    }
}

fn merge(ours: &mut Vector, theirs: &Vector) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours = (*ours).max(*theirs);
    }
}
