use std::ops::RangeInclusive;

use rehearsal_machine::{Draw, NodeId};

use super::choices::Choices;
use super::collector::Names;
use crate::chance::{Chance, Keyed, Purpose, Words};

/// The draws of one step, each with a key of its own: decided by the plan, or
/// by chance. Marks go to the coverage of the run, where that is collected.
pub(super) struct StepDraws<'a> {
    pub(super) chance: &'a Chance,
    pub(super) choices: &'a mut Choices,
    /// How often the node has drawn in this incarnation.
    pub(super) drawn: &'a mut u32,
    pub(super) node: NodeId,
    pub(super) incarnation: u32,
    pub(super) marks: Option<&'a mut Names>,
}

impl Draw for StepDraws<'_> {
    #[inline]
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        // After 2^32 draws of one incarnation they repeat.
        *self.drawn = self.drawn.wrapping_add(1);
        if self.choices.leaves_all_to_chance() {
            return self.by_chance().uniform(range);
        }
        self.decided(range)
    }

    #[inline]
    fn mark(&mut self, name: &'static str) {
        if let Some(marks) = &mut self.marks {
            marks.number(name);
        }
    }
}

impl StepDraws<'_> {
    fn by_chance(&self) -> Keyed<'_> {
        let (node, nth) = (self.node.number(), u64::from(*self.drawn));
        self.chance.keyed(Purpose::Draw, node, self.incarnation, nth)
    }

    #[cold]
    fn decided(&mut self, range: RangeInclusive<u64>) -> u64 {
        let by_chance = self.by_chance().uniform(range.clone());
        self.choices.draw((self.node, self.incarnation), *self.drawn, range, by_chance)
    }
}
