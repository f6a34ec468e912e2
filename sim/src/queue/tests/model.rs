//! The queue beside the plainest one there is, a sorted map, over anything
//! that can be done to it, in numbers that cross every change of its layout.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::queue::{FEW, small};

/// How far ahead things are pushed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Law {
    Now,
    Ticks,
    Lockstep,
    Uniform,
    Scattered,
    Bimodal,
    Hours,
    Never,
    Mixed,
}

pub(super) const LAWS: [Law; 9] = [
    Law::Now,
    Law::Ticks,
    Law::Lockstep,
    Law::Uniform,
    Law::Scattered,
    Law::Bimodal,
    Law::Hours,
    Law::Never,
    Law::Mixed,
];

impl Law {
    pub(super) fn ahead(self, random: &mut Random) -> u64 {
        match self {
            Self::Now => 0,
            Self::Ticks => random.below(4),
            Self::Lockstep => 5_000_000,
            Self::Uniform => 1_000_000 + random.below(9_000_001),
            // About as many at each order of magnitude: crowded near, sparse far.
            Self::Scattered => random.next() >> (20 + random.below(44)),
            Self::Bimodal => 1_000_000 * [1, 10_000][random.below(2) as usize],
            Self::Hours => 3_600_000_000_000 * (1 + random.below(1_000)),
            Self::Never => u64::MAX,
            Self::Mixed => LAWS[random.below(8) as usize].ahead(random),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Push {
        many: usize,
        law: Law,
    },
    Pop {
        many: usize,
    },
    PopBefore {
        ahead: u64,
        many: usize,
    },
    /// Each pop pushes one.
    Hold {
        many: usize,
        law: Law,
    },
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let many = || {
        prop_oneof![
            8 => 0..2 * small::MOST,
            4 => 0..300_usize,
            1 => 0..10_000_usize,
        ]
    };
    let law = || prop::sample::select(LAWS.as_slice());
    let step = prop_oneof![
        4 => (many(), law()).prop_map(|(many, law)| Step::Push { many, law }),
        2 => many().prop_map(|many| Step::Pop { many }),
        2 => (0..40_u32, many()).prop_map(|(bits, many)| Step::PopBefore { ahead: 1 << bits, many }),
        3 => (many(), law()).prop_map(|(many, law)| Step::Hold { many, law }),
        1 => Just(Step::Clear),
    ];
    prop::collection::vec(step, 1..16)
}

struct Both {
    queue: Queue<u64>,
    model: BTreeMap<Key, u64>,
    random: Random,
    now: u64,
    pushed: u32,
}

impl Both {
    fn step(&mut self, step: &Step) {
        match *step {
            Step::Push { many, law } => (0..many).for_each(|_| self.push(law)),
            Step::Pop { many } => (0..many).for_each(|_| self.pop(Time::MAX, true)),
            Step::PopBefore { ahead, many } => {
                let until = Time::from_nanos(self.now.saturating_add(ahead));
                (0..many).for_each(|_| self.pop(until, false));
            }
            Step::Hold { many, law } => {
                for _ in 0..many {
                    self.pop(Time::MAX, true);
                    self.push(law);
                }
            }
            Step::Clear => {
                self.queue.clear();
                self.model.clear();
                self.now = 0;
            }
        }
        self.compare();
    }

    fn push(&mut self, law: Law) {
        let at = self.now.saturating_add(law.ahead(&mut self.random));
        let key = any_key(Time::from_nanos(at), self.pushed, &mut self.random);
        self.pushed += 1;
        self.model.insert(key, self.random.0);
        self.queue.push(key, self.random.0);
    }

    /// Pops what is due before then, or else whatever comes next.
    fn pop(&mut self, until: Time, any: bool) {
        let first = self.model.first_key_value().map(|(key, _)| *key);
        assert_eq!(self.queue.next_at(), first.map(|key| key.at()));
        let due = first.filter(|key| any || key.at() < until);
        let expected = due.and_then(|key| self.model.remove_entry(&key));
        let popped = if any { self.queue.pop() } else { self.queue.pop_before(until) };
        assert_eq!(popped, expected);
        self.now = expected.map_or(self.now, |(key, _)| key.at().as_nanos());
    }

    fn compare(&self) {
        assert_eq!(self.queue.len(), self.model.len());
        assert_eq!(self.queue.next_at(), self.model.keys().next().map(Key::at));
        assert!(self.queue.turning || self.queue.len() <= small::MOST);
        assert!(!self.queue.turning || self.queue.len() > FEW);
        let mut pending: Vec<_> = self.queue.iter().map(|(key, value)| (*key, *value)).collect();
        pending.sort_unstable();
        assert!(pending.into_iter().eq(self.model.iter().map(|(key, value)| (*key, *value))));
    }
}

/// One of any class, of few nodes, so that ties go down to the count.
fn any_key(at: Time, count: u32, random: &mut Random) -> Key {
    let mut some_node = || node(1 + random.below(3) as u32);
    let (from, to) = (some_node(), some_node());
    match random.below(6) {
        0 => Key::fault(at, count as usize, 1),
        1 => Key::timer(at, to, count.into()),
        2 => Key::command(at, to, count as usize),
        _ => Key::message(at, from, to, count, (count % 3) as u8),
    }
}

proptest! {
    #[test]
    fn pops_what_a_sorted_map_would(steps in steps(), seed: u64) {
        let (queue, model) = (Queue::new(), BTreeMap::new());
        let mut both = Both { queue, model, random: Random(seed), now: 0, pushed: 0 };
        for step in &steps {
            both.step(step);
        }
        both.step(&Step::Pop { many: both.model.len() + 1 });
    }
}
