//! Collects what a run covers: the shapes of its steps, and its machines' marks.
//!
//! A run has many steps and few shapes. So every part of a shape has a number in
//! tables that grow as parts are seen for the first time, and a step that is like
//! an earlier one is recognized by four of them. It allocates nothing. The numbers
//! depend on what came first; they never leave this file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write as _};

use rehearsal_machine::{Effect, Input, Machine, Message as _, NodeId};

use crate::coverage::{EffectKind, InputKind, Seen, StepShape};
use crate::protocol::Lane;
use crate::trace::{write_name, write_without_numbers};

/// The tables stay from run to run; what was seen is of one run.
pub(super) struct Collector {
    pub(super) marks: Names,
    kinds: Names,
    timers: Timers,
    sets: EffectSets,
    /// The role of each node after its latest step.
    roles: Vec<char>,
    shapes: BTreeMap<Numbers, Known>,
    /// Steps that were seen lately in this run, each in the place that its numbers
    /// give it.
    recent: [Option<Numbers>; RECENT],
    /// How many runs have begun.
    runs: u64,
    seen: Vec<StepShape>,
}

/// More shapes than most runs have; a power of two.
const RECENT: usize = 256;

/// A shape, and the latest run in which it was seen.
struct Known {
    shape: StepShape,
    run: u64,
}

/// A shape by the numbers of its parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Numbers {
    before: char,
    after: char,
    input: InputNumber,
    effects: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InputNumber {
    Start,
    Command,
    LinkUp,
    LinkDown,
    Message(u32),
    Timer(u32),
}

impl Default for Collector {
    fn default() -> Self {
        Self {
            marks: Names::default(),
            kinds: Names::default(),
            timers: Timers::default(),
            sets: EffectSets::new(),
            roles: Vec::new(),
            shapes: BTreeMap::new(),
            recent: [None; RECENT],
            runs: 0,
            seen: Vec::new(),
        }
    }
}

impl Collector {
    /// A run of so many nodes begins.
    pub(super) fn begin(&mut self, nodes: usize) {
        self.marks.0.clear();
        self.roles.clear();
        self.roles.resize(nodes, Lane::DOWN.role);
        self.recent.fill(None);
        self.runs += 1;
        self.seen.clear();
    }

    /// What was seen of the run, which is then as if nothing had been.
    pub(super) fn finish(&mut self) -> Seen {
        Seen { steps: self.seen.drain(..).collect(), marks: self.marks.0.drain(..).collect() }
    }

    /// Looks at an input before the machine takes it.
    #[inline]
    pub(super) fn input<M: Machine<Timer: Debug>>(&mut self, input: &Input<M>) -> InputNumber {
        match input {
            Input::Start(_) => InputNumber::Start,
            Input::Command(_) => InputNumber::Command,
            Input::Message { message, .. } => {
                InputNumber::Message(self.kinds.number(message.kind()))
            }
            Input::Timer(timer) => InputNumber::Timer(self.timers.number(timer)),
            Input::Link { up: true, .. } => InputNumber::LinkUp,
            Input::Link { up: false, .. } => InputNumber::LinkDown,
        }
    }

    /// Looks at the effects, in any order, and at the role that the node now has.
    #[inline]
    pub(super) fn step<M: Machine>(
        &mut self,
        node: NodeId,
        input: InputNumber,
        effects: &[Effect<M>],
        after: char,
    ) {
        let mut set = EMPTY;
        for effect in effects {
            let number = match effect {
                Effect::Arm { .. } => 0,
                Effect::Disarm(_) => 1,
                Effect::Save { .. } => 2,
                Effect::Emit(_) => 3,
                Effect::Send { message, .. } => SEND + self.kinds.number(message.kind()),
            };
            set = self.sets.with(set, number, &self.kinds);
        }
        let role = &mut self.roles[node.index()];
        let before = if input == InputNumber::Start { Lane::DOWN.role } else { *role };
        *role = after;
        let numbers = Numbers { before, after, input, effects: set };
        let recent = &mut self.recent[numbers.place()];
        if *recent != Some(numbers) {
            *recent = Some(numbers);
            self.see(numbers);
        }
    }

    fn see(&mut self, numbers: Numbers) {
        let run = self.runs;
        let known = self.shapes.entry(numbers).or_insert_with(|| {
            let Numbers { before, after, input, effects } = numbers;
            let input = match input {
                InputNumber::Start => InputKind::Start,
                InputNumber::Command => InputKind::Command,
                InputNumber::Message(kind) => InputKind::Message(self.kinds.name(kind)),
                InputNumber::Timer(timer) => InputKind::Timer(self.timers.name(timer)),
                InputNumber::LinkUp => InputKind::LinkUp,
                InputNumber::LinkDown => InputKind::LinkDown,
            };
            let effects = self.sets.0[effects as usize].members.clone();
            Known { shape: StepShape::new(before, input, effects, after), run: 0 }
        });
        if known.run != run {
            known.run = run;
            self.seen.push(known.shape.clone());
        }
    }
}

impl Numbers {
    /// Its place among the recent ones.
    #[inline]
    fn place(self) -> usize {
        let input = match self.input {
            InputNumber::Start => 0,
            InputNumber::Command => 1,
            InputNumber::LinkUp => 2,
            InputNumber::LinkDown => 3,
            InputNumber::Message(kind) => 4 + 2 * kind as usize,
            InputNumber::Timer(timer) => 5 + 2 * timer as usize,
        };
        let roles = (self.before as usize).wrapping_mul(5) ^ self.after as usize;
        let effects = self.effects as usize;
        (roles ^ input.wrapping_mul(11) ^ effects.wrapping_mul(29)) % RECENT
    }
}

/// Static names. The number of one is its place.
#[derive(Default)]
pub(super) struct Names(Vec<&'static str>);

impl Names {
    #[inline]
    pub(super) fn number(&mut self, name: &'static str) -> u32 {
        // The same name is nearly always the same static string.
        match self.0.iter().position(|known| std::ptr::eq(*known, name)) {
            Some(place) => place as u32,
            None => self.number_of_another(name),
        }
    }

    #[cold]
    fn number_of_another(&mut self, name: &'static str) -> u32 {
        let place = self.0.iter().position(|known| *known == name);
        let place = place.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        });
        place as u32
    }

    fn name(&self, number: u32) -> &'static str {
        self.0[number as usize]
    }
}

/// Names of timers, without their numbers.
#[derive(Default)]
struct Timers {
    numbers: BTreeMap<Box<str>, u32>,
    /// The `Debug` forms that have no digit in them, as most have, each with the
    /// number of its name: they need not be made into names again.
    plain: Vec<(Box<str>, u32)>,
    /// Where these are written.
    form: String,
    name: String,
    kind: String,
}

impl Timers {
    fn number(&mut self, timer: &impl Debug) -> u32 {
        self.form.clear();
        // A string takes everything: only the timer's own `Debug` can refuse.
        write!(self.form, "{timer:?}").expect("a timer's name can be written");
        match self.plain.iter().find(|(form, _)| **form == *self.form) {
            Some((_, number)) => *number,
            None => self.number_of_another(),
        }
    }

    fn number_of_another(&mut self) -> u32 {
        let Self { numbers, plain, form, name, kind } = self;
        write_name(name, form);
        write_without_numbers(kind, name);
        let known = numbers.get(kind.as_str()).copied();
        let number = known.unwrap_or_else(|| {
            let next = numbers.len() as u32;
            numbers.insert(kind.as_str().into(), next);
            next
        });
        if !form.contains(|letter: char| letter.is_ascii_digit()) {
            plain.push((form.as_str().into(), number));
        }
        number
    }

    fn name(&self, number: u32) -> Box<str> {
        let found = self.numbers.iter().find(|(_, known)| **known == number);
        found.map(|(name, _)| name.clone()).unwrap_or_default()
    }
}

/// Sets of kinds of effects. The number of one is its place, and that of the empty
/// set is [`EMPTY`].
struct EffectSets(Vec<EffectSet>);

struct EffectSet {
    members: BTreeSet<EffectKind>,
    /// For each kind of effect: the set that has it, too, or `EMPTY` where that is
    /// not known yet.
    with: Vec<u32>,
}

const EMPTY: u32 = 0;
/// The numbers of effects from here on are sends, kind by kind.
const SEND: u32 = 4;

impl EffectSets {
    fn new() -> Self {
        Self(vec![EffectSet { members: BTreeSet::new(), with: Vec::new() }])
    }

    /// This set and one more kind of effect.
    #[inline]
    fn with(&mut self, set: u32, effect: u32, kinds: &Names) -> u32 {
        match self.0[set as usize].with.get(effect as usize) {
            Some(next) if *next != EMPTY => *next,
            _ => self.learn(set, effect, kinds),
        }
    }

    #[cold]
    fn learn(&mut self, set: u32, effect: u32, kinds: &Names) -> u32 {
        let mut members = self.0[set as usize].members.clone();
        members.insert(match effect {
            0 => EffectKind::Arm,
            1 => EffectKind::Disarm,
            2 => EffectKind::Save,
            3 => EffectKind::Emit,
            send => EffectKind::Send(kinds.name(send - SEND)),
        });
        let place = self.0.iter().position(|known| known.members == members);
        let place = place.unwrap_or_else(|| {
            self.0.push(EffectSet { members, with: Vec::new() });
            self.0.len() - 1
        });
        let next = place as u32;
        let with = &mut self.0[set as usize].with;
        if with.len() <= effect as usize {
            with.resize(effect as usize + 1, EMPTY);
        }
        with[effect as usize] = next;
        next
    }
}
