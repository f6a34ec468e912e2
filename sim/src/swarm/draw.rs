use rehearsal_machine::NodeId;

use super::ground::{Ground, Sent};
use crate::chance::{Sequence, Words as _};
use crate::fault::{Action, Disk, Fault, Kind, Nth, Rate, Shift, Target, Trigger, When};
use crate::network::{Distribution, Network, Reorder};
use crate::source::{Ratio, TimeSpan};

/// What a seed draws, one after the other.
pub(super) struct Draws<'a> {
    words: Sequence,
    ground: &'a Ground,
}

/// How often a fault strikes that strikes again and again, by its mean.
const MOST_STRIKES: u64 = 20;
/// A span is up to so many halvings shorter than the longest: short ones are as
/// likely as long ones.
const HALVINGS: u64 = 7;
/// Instants and spans are whole numbers of the first of these of which there are
/// [`FINE_ENOUGH`] before the calm.
const UNITS: [u64; 3] = [1_000_000, 1_000, 1];
const FINE_ENOUGH: u64 = 100;

impl<'a> Draws<'a> {
    pub(super) fn new(words: Sequence, ground: &'a Ground) -> Self {
        Self { words, ground }
    }

    /// What goes wrong at all.
    pub(super) fn kinds(&mut self) -> Vec<Kind> {
        let all = &self.ground.kinds;
        all.iter().copied().filter(|_| self.words.happens(1, 2)).collect()
    }

    /// The network with shares for some of these kinds.
    pub(super) fn network(&mut self, kinds: &[Kind], own: &Network) -> Network {
        let mut network = own.clone();
        for kind in kinds {
            let is_of_network =
                matches!(kind, Kind::Lose | Kind::Corrupt | Kind::Duplicate | Kind::Delay)
                    && !self.ground.sessions.are_all();
            if !is_of_network || self.ground.share == 0 || self.words.happens(1, 2) {
                continue;
            }
            let share = self.share();
            match kind {
                Kind::Lose => network.loss = larger(network.loss, share),
                Kind::Corrupt => network.corrupt = larger(network.corrupt, share),
                Kind::Duplicate => network.duplicate = larger(network.duplicate, share),
                _ if network.reorder.is_some() => {}
                _ => network.reorder = Some(Reorder { share, by: self.span() }),
            }
        }
        network
    }

    /// What goes wrong beside that: faults that belong together, such as a partition and its
    /// end. Each ends by the calm, where nodes that went down are restarted.
    pub(super) fn mishaps(&mut self, kinds: &[Kind]) -> Vec<Vec<Fault>> {
        let single: Vec<_> = kinds.iter().copied().filter(|kind| *kind != Kind::Repeated).collect();
        if single.is_empty() {
            return Vec::new();
        }
        let mut mishaps = Vec::new();
        for _ in 0..self.words.uniform(0..=self.ground.mishaps) {
            let kind = self.one_of(&single);
            let is_repeated = kinds.contains(&Kind::Repeated) && self.words.happens(1, 4);
            mishaps.push(if is_repeated { self.repeated(kind) } else { self.mishap(kind) });
        }
        mishaps.retain(|faults| !faults.is_empty());
        mishaps
    }

    /// An even chance.
    pub(super) fn even(&mut self) -> bool {
        self.words.happens(1, 2)
    }

    /// The place of one of so many, at least one.
    pub(super) fn place(&mut self, count: usize) -> usize {
        self.words.uniform(0..=count as u64 - 1) as usize
    }

    fn mishap(&mut self, kind: Kind) -> Vec<Fault> {
        match kind {
            Kind::Lose => self.on_a_message(|_| Action::Lose),
            Kind::Corrupt => self.on_a_message(|_| Action::Corrupt),
            Kind::Delay => self.on_a_message(|draws| Action::Delay(draws.span())),
            Kind::Duplicate => self.on_a_message(|draws| Action::Duplicate(draws.span())),
            Kind::Pause => {
                self.at_a_moment(|draws, node| Action::Pause { node, lasts: Some(draws.span()) })
            }
            Kind::Clock => self.at_a_moment(Self::wrong_clock),
            Kind::Crash => self.at_a_moment(|draws, node| Action::Bounce {
                node,
                down: draws.span(),
                disk: Disk::Intact,
            }),
            Kind::LostSave => self.lost_save(),
            Kind::Amnesia => self.at_a_moment(|draws, node| Action::Bounce {
                node,
                down: draws.span(),
                disk: Disk::Wiped,
            }),
            Kind::LyingDisk => self.at_a_moment(|_, node| Action::LyingDisk(node)),
            Kind::Hold => self.hold(),
            Kind::Partition => {
                let cut = self.partition();
                self.lasting([cut, Action::Heal])
            }
            Kind::Start => {
                let node = self.one_of(&self.ground.absent);
                vec![Fault::new(When::At(self.at()), Action::Start(node))]
            }
            Kind::Upgrade => {
                let node = self.node();
                self.lasting([Action::crash(node), Action::Upgrade(node.into())])
            }
            Kind::Filter => self.filter(),
            Kind::Timer => self.moved_timer(),
            Kind::Session => self.broken_session(),
            // What it is about is drawn beside it.
            Kind::Repeated => Vec::new(),
        }
    }

    /// The same again and again, of any node, where that makes sense.
    fn repeated(&mut self, kind: Kind) -> Vec<Fault> {
        let node = if self.words.happens(1, 2) { Target::Any } else { self.node().into() };
        let action = match kind {
            Kind::Pause => Action::Pause { node, lasts: Some(self.span()) },
            Kind::Clock => self.wrong_clock(node),
            Kind::Crash => Action::Bounce { node, down: self.span(), disk: Disk::Intact },
            Kind::Partition => {
                let cut = Fault::new(self.every(), self.partition());
                return vec![cut, Fault::new(self.every(), Action::Heal)];
            }
            Kind::Session if !self.ground.sessions.is_empty() => Action::BreakAny(1),
            other => return self.mishap(other),
        };
        vec![Fault::new(self.every(), action)]
    }

    fn on_a_message(&mut self, action: impl FnOnce(&mut Self) -> Action) -> Vec<Fault> {
        let Some(sending) = self.sending() else { return Vec::new() };
        let action = action(self);
        if action.is_kept_off_by_sessions() && self.is_of_session(&sending) {
            return Vec::new();
        }
        vec![Fault::new(When::On(sending), action)]
    }

    /// Something happens to every message that fits, for a while.
    fn filter(&mut self) -> Vec<Fault> {
        let Some(sending) = self.sending() else { return Vec::new() };
        let is_of_session = self.is_of_session(&sending);
        let action = match self.words.uniform(0..=3) {
            1 => Action::Delay(self.span()),
            0 if !is_of_session => Action::Lose,
            2 if !is_of_session => Action::Duplicate(self.span()),
            _ => Action::Withhold,
        };
        let from = self.at();
        // Until the calm, if it would last longer.
        let until = from.as_nanos().saturating_add(self.span().as_nanos());
        let fault = action.each(sending).not_before(from);
        vec![if until < self.ground.before {
            fault.until(TimeSpan::from_nanos(until))
        } else {
            fault
        }]
    }

    /// Does a session carry the message?
    fn is_of_session(&self, sending: &Trigger) -> bool {
        let Trigger::Sends { from, to, .. } = sending else { return false };
        self.ground.sessions.have_every(*from, *to)
    }

    /// A session breaks, or a random one.
    fn broken_session(&mut self) -> Vec<Fault> {
        let when = match self.words.uniform(0..=2) {
            0 => When::At(self.at()),
            _ => self.event().map_or_else(|| When::At(self.at()), When::On),
        };
        let sessions = &self.ground.sessions;
        let Some(last) = sessions.count().checked_sub(1) else { return Vec::new() };
        let pair = sessions.pair(self.words.uniform(0..=last));
        vec![Fault::new(when, Action::Break(vec![pair]))]
    }

    /// A timer fires at once, or later than it would.
    fn moved_timer(&mut self) -> Vec<Fault> {
        let Some((node, timer)) = self.one_of_some(&self.ground.timer_names) else {
            return Vec::new();
        };
        let node = Target::Node(node);
        let action = if self.words.happens(1, 2) {
            Action::Fire { node, timer }
        } else {
            Action::PutOff { node, timer, by: self.span() }
        };
        vec![Fault::new(When::At(self.at()), action)]
    }

    fn at_a_moment(&mut self, action: impl FnOnce(&mut Self, Target) -> Action) -> Vec<Fault> {
        let when = match self.words.uniform(0..=4) {
            0 | 1 => When::At(self.at()),
            _ => self.event().map_or_else(|| When::At(self.at()), When::On),
        };
        let node = self.target(&when);
        vec![Fault::new(when, action(self, node))]
    }

    /// A crash right after an effect. If that is a save, it is lost or torn.
    fn lost_save(&mut self) -> Vec<Fault> {
        let Some(event) = self.effect() else { return Vec::new() };
        let disk = if self.words.happens(1, 2) { Disk::LosesLast } else { Disk::TearsLast };
        let bounce = Action::Bounce { node: Target::It, down: self.span(), disk };
        vec![Fault::new(When::On(event), bounce)]
    }

    fn hold(&mut self) -> Vec<Fault> {
        let (from, to) = self.link();
        self.lasting([Action::Hold { from, to }, Action::Release { from, to }])
    }

    fn partition(&mut self) -> Action {
        match self.words.uniform(0..=3) {
            0 => {
                let (from, to) = self.link();
                Action::OneWay { from: vec![from], to: vec![to] }
            }
            1 => Action::Cut(vec![self.link()]),
            2 => {
                let sides = self.sides();
                Action::Flap { sides, cut: self.span(), open: self.span() }
            }
            _ => Action::Partition(self.sides()),
        }
    }

    /// One side of a partition; all others are the other side.
    fn sides(&mut self) -> Vec<Vec<NodeId>> {
        let nodes = &self.ground.nodes;
        let side: Vec<_> = nodes.iter().copied().filter(|_| self.words.happens(1, 2)).collect();
        if side.is_empty() || side.len() == nodes.len() {
            return vec![vec![self.node()]];
        }
        vec![side]
    }

    /// What begins at an instant, and ends a span later, before the calm.
    fn lasting(&mut self, [begin, end]: [Action; 2]) -> Vec<Fault> {
        let at = self.at();
        let last = self.ground.before - 1;
        let until = at.as_nanos().saturating_add(self.span().as_nanos()).min(last);
        [(at, begin), (TimeSpan::from_nanos(until), end)]
            .map(|(at, action)| Fault::new(When::At(at), action))
            .into()
    }

    fn wrong_clock(&mut self, node: Target) -> Action {
        let by = self.span();
        let shift = if self.words.happens(1, 2) { Shift::Ahead(by) } else { Shift::Behind(by) };
        match self.words.uniform(0..=2) {
            0 => Action::Step { node, by: shift },
            1 => Action::Skew { node, by: shift },
            _ => {
                let share = hundredths(self.words.uniform(1..=99));
                let by =
                    if self.words.happens(1, 2) { Rate::Fast(share) } else { Rate::Slow(share) };
                Action::Drift { node, by }
            }
        }
    }

    /// An event that the undisturbed run has had, or one like it.
    fn event(&mut self) -> Option<Trigger> {
        match self.words.uniform(0..=5) {
            0 => self.sending(),
            1 => {
                let (Sent { from, to, kind }, nth) = self.sent()?;
                let (node, from, kind) = (Some(to), Some(from), Some(kind));
                Some(Trigger::Receives { node, role: None, from, kind, text: None, nth })
            }
            2 => {
                let (node, count) = self.one_of_some(&self.ground.timers)?;
                let nth = self.nth(count);
                Some(Trigger::Fires { node: Some(node), role: None, timer: None, nth })
            }
            3 => {
                let role = self.one_of_some(&self.ground.roles)?;
                let nth = self.nth(FEW);
                Some(Trigger::Becomes { node: None, role, nth })
            }
            _ => self.effect(),
        }
    }

    fn effect(&mut self) -> Option<Trigger> {
        let (of, count) = self.one_of_some(&self.ground.effects)?;
        Some(Trigger::Effect { of, nth: self.nth(count) })
    }

    fn sending(&mut self) -> Option<Trigger> {
        let (Sent { from, to, kind }, nth) = self.sent()?;
        let (from, to, kind) = (Some(from), Some(to), Some(kind));
        Some(Trigger::Sends { from, role: None, to, kind, text: None, nth })
    }

    fn sent(&mut self) -> Option<(Sent, Nth)> {
        let (sent, count) = self.one_of_some(&self.ground.sends)?;
        Some((sent, self.nth(count)))
    }

    /// Early events are as likely as late ones: one of the first, of the first two, the
    /// first four, and so on, up to twice as many as there were.
    fn nth(&mut self, count: u64) -> Nth {
        let doublings = u64::from(count.max(1).ilog2()) + 1;
        let most = 1 << self.words.uniform(0..=doublings);
        Nth::new(self.words.uniform(1..=most)).unwrap_or_default()
    }

    fn target(&mut self, when: &When) -> Target {
        match (self.words.uniform(0..=9), when) {
            (0..=3, When::On(_)) => Target::It,
            (4, _) => Target::Any,
            (5, _) => self.one_of_some(&self.ground.roles).map_or(Target::Any, Target::Role),
            _ => self.node().into(),
        }
    }

    fn node(&mut self) -> NodeId {
        self.one_of(&self.ground.nodes)
    }

    /// From a node to another one; there are two.
    fn link(&mut self) -> (NodeId, NodeId) {
        let nodes = &self.ground.nodes;
        let from = self.words.uniform(0..=nodes.len() as u64 - 1) as usize;
        let step = self.words.uniform(1..=nodes.len() as u64 - 1) as usize;
        (nodes[from], nodes[(from + step) % nodes.len()])
    }

    fn every(&mut self) -> When {
        let gap = self.ground.before / self.words.uniform(1..=MOST_STRIKES);
        When::Every(Distribution::Exponential(TimeSpan::from_nanos(gap.max(1))))
    }

    fn at(&mut self) -> TimeSpan {
        let unit = self.unit();
        let last = (self.ground.before - 1) / unit;
        TimeSpan::from_nanos(self.words.uniform(0..=last) * unit)
    }

    fn span(&mut self) -> TimeSpan {
        let unit = self.unit();
        let most = (self.ground.longest >> self.words.uniform(0..=HALVINGS)) / unit;
        TimeSpan::from_nanos(self.words.uniform(1..=most.max(1)) * unit)
    }

    fn share(&mut self) -> Ratio {
        hundredths(self.words.uniform(1..=self.ground.share))
    }

    fn unit(&self) -> u64 {
        let before = self.ground.before;
        UNITS.into_iter().find(|unit| before / unit >= FINE_ENOUGH).unwrap_or(1)
    }

    /// One of a list that is not empty.
    fn one_of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.place(list.len())].clone()
    }

    fn one_of_some<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        (!list.is_empty()).then(|| self.one_of(list))
    }
}

/// A role is taken on few times.
const FEW: u64 = 4;

/// The scenario's own disturbances are never made milder.
fn larger(own: Ratio, drawn: Ratio) -> Ratio {
    let [own_part, drawn_part] = [(own, drawn), (drawn, own)]
        .map(|(one, other)| u64::from(one.numerator()) * u64::from(other.denominator()));
    if own_part >= drawn_part { own } else { drawn }
}

fn hundredths(share: u64) -> Ratio {
    // At most 100, as the bounds have it.
    Ratio::new(share as u32, 100).unwrap_or_default()
}
