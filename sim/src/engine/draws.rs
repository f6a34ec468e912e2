use std::ops::RangeInclusive;

use rehearsal_machine::{Draw, NodeId, Time};

use super::chooser::Chooser;
use super::collector::Names;
use crate::chance::{Keyed, Purpose, Words};

/// The draws of one step, each with a key of its own: decided by the plan, or
/// by chance. Marks go to the coverage of the run, where that is collected.
pub(super) struct StepDraws<'a> {
    pub(super) chooser: &'a mut Chooser,
    /// When the step is, and how many events there have been.
    pub(super) moment: (Time, u64),
    pub(super) node: NodeId,
    pub(super) incarnation: u32,
    pub(super) marks: Option<&'a mut Names>,
}

impl Draw for StepDraws<'_> {
    #[inline]
    fn draw(&mut self, range: RangeInclusive<u64>) -> u64 {
        // After 2^32 draws of one incarnation they repeat.
        let drawn = &mut self.chooser.drawn[self.node.index()];
        *drawn = drawn.wrapping_add(1);
        if self.chooser.choices.leaves_all_to_chance() {
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
        let (node, nth) = (self.node.number(), u64::from(self.nth()));
        self.chooser.chance.keyed(Purpose::Draw, node, self.incarnation, nth)
    }

    fn nth(&self) -> u32 {
        self.chooser.drawn[self.node.index()]
    }

    #[cold]
    fn decided(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (now, events) = self.moment;
        self.chooser.next(now, events);
        let by_chance = self.by_chance().uniform(range.clone());
        let nth = self.nth();
        self.chooser.choices.draw((self.node, self.incarnation), nth, range, by_chance)
    }
}
