//! Decides whether a fault strikes, and which node.

use std::num::NonZeroU32;

use rehearsal_machine::{NodeId, Time};

use super::fault_state::Aim;
use super::pending::{Pending, Strike};
use super::run::Run;
use super::triggers::Occasion;
use crate::chance::{Chance, Keyed, Purpose, Words};
use crate::fault::{Action, Fault, Target, When};
use crate::network::Link;
use crate::plan::Decision;
use crate::protocol::{Lane, Look as _, Protocol};
use crate::queue::Key;
use crate::source::TimeSpan;

/// What a keyed draw of a fault decides.
const GAP: u32 = 0;
const TARGET: u32 = 1;
const EFFECTS: u32 = 2;
const OVERDUE: u32 = 3;

/// A crash by chance comes at once, or after one of so many effects, each as likely.
const MOST_EFFECTS: u64 = 4;

impl<P: Protocol> Run<'_, P> {
    /// Plans the strikes of a fault that strikes again and again: those that a
    /// plan lists, and the first by chance.
    pub(super) fn plan_strikes(&mut self, place: usize) {
        for (nth, at) in self.chooser.choices.strikes(place) {
            self.plan_strike(place, Strike::Listed(nth), at);
        }
        if self.chooser.choices.leaves_faults_to_chance() {
            self.plan_by_chance(place, 1, Time::ZERO);
        }
    }

    fn plan_by_chance(&mut self, place: usize, nth: u32, after: Time) {
        let When::Every(gap) = &self.scenario.faults()[place].when else { return };
        let mut words = words(&self.chooser.chance, self.faults.identities[place], GAP, nth);
        // Without any time in between a fault would strike without end within one instant.
        let gap = TimeSpan::from_nanos(gap.sample(&mut words).max(1));
        self.plan_strike(place, Strike::ByChance(nth), after + gap);
    }

    pub(super) fn plan_strike(&mut self, place: usize, strike: Strike, at: Time) {
        // A file does not have more lines than that.
        let pending = Pending::Fault { place: place as u32, strike };
        self.queue.push(Key::fault(at, place), pending);
    }

    /// The time of a fault has come: does it strike, and which node? The answer is
    /// kept for [`strike_aimed`](Self::strike_aimed).
    pub(super) fn aim_at(&mut self, now: Time, place: usize, strike: Strike) -> bool {
        let nth = strike.nth();
        let is_again_and_again = strike != Strike::Once;
        if is_again_and_again && self.transit.calm.is_over_all() {
            return false;
        }
        if let Strike::ByChance(nth) = strike {
            if let Some(next) = nth.checked_add(1) {
                self.plan_by_chance(place, next, now);
            }
            if self.chooser.choices.strike(place, nth).is_some() {
                // A plan has another idea of this one.
                return false;
            }
        }
        if let Strike::Overdue(nth) = strike {
            self.faults.aim = self.aim_overdue(now, place, nth);
        } else {
            let aim = self.aim(place, nth, None);
            let effects = self.effects_before(place, strike);
            if let (Strike::ByChance(_), Some(Aim { node })) = (strike, &aim) {
                self.note_strike(now, (place, nth), *node, effects);
            }
            self.faults.aim = match (aim, effects) {
                (Some(Aim { node: Some(node) }), Some(effects)) => {
                    self.await_effects(now, (place, strike), node, effects);
                    None
                }
                (aim, _) => aim,
            };
        }
        self.faults.idle += u64::from(self.faults.aim.is_none());
        self.faults.aim.is_some()
    }

    fn note_strike(
        &mut self,
        now: Time,
        (place, nth): (usize, u32),
        node: Option<NodeId>,
        effects: Option<NonZeroU32>,
    ) {
        let at = Some(TimeSpan::from_nanos(now.as_nanos()));
        let target = self.scenario.faults()[place].action.target();
        let node = node.filter(|_| target.is_some_and(|(_, target)| target.is_found()));
        self.chooser.choices.note_strike(place, nth, Decision::Strike { at, node, effects });
    }

    /// A crash by chance does not only come between two steps: how many effects
    /// of the node come before it, if any.
    fn effects_before(&mut self, place: usize, strike: Strike) -> Option<NonZeroU32> {
        let fault = &self.scenario.faults()[place];
        match strike {
            Strike::Listed(nth) => match self.chooser.choices.strike(place, nth)? {
                Decision::Strike { effects, .. } => effects,
                _ => None,
            },
            Strike::ByChance(nth) if fault.strikes_within_steps() => {
                let identity = self.faults.identities[place];
                let mut words = words(&self.chooser.chance, identity, EFFECTS, nth);
                NonZeroU32::new(words.uniform(0..=MOST_EFFECTS) as u32)
            }
            _ => None,
        }
    }

    /// The fault strikes within a step. By chance it does so after a gap of its
    /// law at the latest: a node that does nothing crashes, too.
    fn await_effects(
        &mut self,
        now: Time,
        (place, strike): (usize, Strike),
        node: NodeId,
        effects: NonZeroU32,
    ) {
        let nth = strike.nth();
        self.faults.await_effects((place, nth), node, effects);
        if let (Strike::ByChance(_), When::Every(gap)) =
            (strike, &self.scenario.faults()[place].when)
        {
            let identity = self.faults.identities[place];
            let mut words = words(&self.chooser.chance, identity, OVERDUE, nth);
            let gap = TimeSpan::from_nanos(gap.sample(&mut words).max(1));
            self.plan_strike(place, Strike::Overdue(nth), now + gap);
        }
    }

    /// The node has not had so many effects: the fault strikes now, if it still can.
    fn aim_overdue(&mut self, now: Time, place: usize, nth: u32) -> Option<Aim> {
        let node = self.faults.give_up_waiting(place, nth)?;
        // A crash of a node that is down by now would take back its restart: another fault.
        if self.world.is_up(node) && self.can_strike(place, node) {
            self.note_strike(now, (place, nth), Some(node), None);
            Some(Aim { node: Some(node) })
        } else {
            self.chooser.choices.forget_strike(place, nth);
            None
        }
    }

    /// The node has had one more effect: the crashes that waited for it strike.
    #[cold]
    pub(super) fn strike_within_step(&mut self, node: NodeId) {
        for place in self.faults.effect_of(node) {
            if self.world.is_up(node) && self.can_strike(place, node) {
                self.faults.is_struck = true;
                self.act(place, Some(node));
            }
        }
    }

    /// Strikes the target that the last aim has found.
    pub(super) fn strike_aimed(&mut self, place: usize) {
        if let Some(Aim { node }) = self.faults.aim.take() {
            self.act(place, node);
        }
    }

    /// The faults at these places are set off by an event of this node.
    pub(super) fn strike_all(&mut self, places: &[usize], it: NodeId) {
        self.faults.is_struck = true;
        for place in places {
            if let Some(Aim { node }) = self.aim(*place, 1, Some(it)) {
                self.act(*place, node);
            }
        }
    }

    /// The places of the faults that an event sets off, if its node is within
    /// the reach of faults.
    pub(super) fn set_off(&mut self, occasion: &Occasion<'_>) -> Vec<usize> {
        let node = occasion.node();
        if self.transit.calm.shields(node) {
            return Vec::new();
        }
        let machine = self.world.machine(node);
        self.faults.triggers.strike(occasion, || machine.map(|machine| P::Look::lane(machine).role))
    }

    /// Does the plan keep this fault from striking?
    pub(super) fn is_spared(&mut self, place: usize) -> bool {
        self.chooser.choices.strike(place, 1) == Some(Decision::Spare)
    }

    /// The target of the fault. None if no node has its role, the plan spares it,
    /// the calm shields it, or the budget is used up.
    fn aim(&mut self, place: usize, nth: u32, it: Option<NodeId>) -> Option<Aim> {
        let fault = &self.scenario.faults()[place];
        if self.chooser.choices.strike(place, nth) == Some(Decision::Spare) {
            return None;
        }
        let Some((_, target)) = fault.action.target() else {
            let is_idle = matches!(fault.action, Action::Release { from, to }
                if !self.transit.traffic.is_held(Link::new(from, to)));
            return (!is_idle).then_some(Aim { node: None });
        };
        let node = match target {
            Target::Node(node) => node,
            Target::It => it?,
            Target::Role(role) => match self.chooser.choices.strike(place, nth) {
                // The node had the role when the plan's run found it.
                Some(Decision::Strike { node: Some(node), .. }) => node,
                _ => self.with_role(role, it)?,
            },
            Target::Any => self.any((place, nth), &fault.action, &fault.when)?,
        };
        self.can_strike(place, node).then_some(Aim { node: Some(node) })
    }

    /// Can the fault strike this node now?
    fn can_strike(&self, place: usize, node: NodeId) -> bool {
        let Fault { action, when, .. } = &self.scenario.faults()[place];
        let is_shielded = self.transit.calm.shields(node) && !action.is_start();
        let is_too_early = action.is_restart() && self.is_yet_to_join(node);
        let is_by_chance = matches!(when, When::Every(_));
        let is_too_much = is_by_chance && self.world.is_up(node) && self.would_be_too_many(action);
        !is_shielded && !is_too_early && self.can_be_done(action, node) && !is_too_much
    }

    fn any(&mut self, (place, nth): (usize, u32), action: &Action, when: &When) -> Option<NodeId> {
        let candidates: Vec<_> = self
            .world
            .nodes()
            .filter(|node| self.world.is_up(*node) != action.is_start())
            .filter(|node| action.is_start() || !self.transit.calm.shields(*node))
            .filter(|node| !self.is_yet_to_join(*node))
            .collect();
        let first = *candidates.first()?;
        let mut words = words(&self.chooser.chance, self.faults.identities[place], TARGET, nth);
        let target =
            self.chooser.choices.target((place, nth), &candidates, |range| words.uniform(range))?;
        if target != first && !matches!(when, When::Every(_)) {
            let strike = Decision::Strike { at: None, node: Some(target), effects: None };
            self.chooser.choices.note_strike(place, nth, strike);
        }
        Some(target)
    }

    fn with_role(&self, role: char, it: Option<NodeId>) -> Option<NodeId> {
        let has_it = |node: &NodeId| {
            self.role(*node).unwrap_or(Lane::DOWN.role) == role && !self.is_yet_to_join(*node)
        };
        it.into_iter().chain(self.world.nodes()).find(has_it)
    }

    /// Is the node one that only `Start` can bring? It is not there, rather than down.
    pub(super) fn is_yet_to_join(&self, node: NodeId) -> bool {
        self.world.places[node.index()].incarnations == 0 && self.scenario.is_absent(node)
    }

    /// The letter of a node's role; none while it is down.
    pub(super) fn role(&self, node: NodeId) -> Option<char> {
        self.world.machine(node).map(|machine| P::Look::lane(machine).role)
    }

    /// Would the fault do anything to the node? A crash does even to one that
    /// is down: it takes back a start that was planned.
    fn can_be_done(&self, action: &Action, node: NodeId) -> bool {
        match action {
            Action::Restart(_) | Action::Amnesia(_) | Action::Upgrade(_) => !self.world.is_up(node),
            Action::Start(_) => self.world.places[node.index()].incarnations == 0,
            Action::Bounce { .. } => self.can_go_down(node),
            Action::Pause { .. } => self.world.is_up(node),
            Action::Resume(_) => self.lives.pauses.is_paused(node),
            _ => true,
        }
    }

    /// Would a crash more be over the budget?
    fn would_be_too_many(&self, action: &Action) -> bool {
        let budget = self.scenario.budget();
        action.takes_down() && budget.is_some_and(|most| self.lives.down.len() >= most as usize)
    }
}

/// What chance says of one strike of a fault. Its name is in the key, and not
/// its place, so that an edit of the list redraws no other fault.
fn words(chance: &Chance, identity: u64, what: u32, nth: u32) -> Keyed<'_> {
    let count = (identity >> 32 << 32) | u64::from(nth);
    chance.keyed(Purpose::Fault, identity as u32, what, count)
}
