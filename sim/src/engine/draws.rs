use std::ops::RangeInclusive;

use rehearsal_protocol::{Draw, NodeId};

use super::decider::Decider;
use crate::chance::{Chance, Sequence, Stream};

/// One incarnation's numbers, drawn from a stream of its own when first asked.
#[derive(Default)]
pub(crate) struct NodeStream {
    words: Option<Sequence>,
    drawn: u32,
}

/// The draws of one step: decided by the plan, or by the node's stream.
pub(crate) struct StepDraws<'a> {
    pub(crate) chance: &'a Chance,
    pub(crate) decider: &'a mut Decider,
    pub(crate) stream: &'a mut NodeStream,
    pub(crate) node: NodeId,
    pub(crate) incarnation: u32,
}

impl Draw for StepDraws<'_> {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        self.stream.drawn += 1;
        let (node, incarnation) = (self.node, self.incarnation);
        let words = self
            .stream
            .words
            .get_or_insert_with(|| self.chance.stream(Stream::Node { node, incarnation }));
        if self.decider.leaves_all_to_chance() {
            return words.draw(range);
        }
        let by_chance = |range| words.draw(range);
        self.decider.draw((node, incarnation), self.stream.drawn, range, by_chance)
    }
}

/// For steps outside a run: every draw gives the low end of its range.
pub(crate) struct LowEnd;

impl Draw for LowEnd {
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        *range.start()
    }
}
