use super::{Discipline, Vector};

/// A number for each pair of sender and receiver.
#[derive(Default)]
pub(super) struct Fifo {
    sent: Vector,
    delivered: Vector,
}

impl Discipline for Fifo {
    type Stamp = u32;

    fn send(&mut self, to: &[usize]) -> Vec<u32> {
        let number = |to: &usize| {
            self.sent[*to] += 1;
            self.sent[*to]
        };
        to.iter().map(number).collect()
    }

    fn deliver(&mut self, from: usize, number: &u32) -> bool {
        let is_next = *number == self.delivered[from] + 1;
        self.delivered[from] += u32::from(is_next);
        is_next
    }
}
