//! Decides whether a fault strikes, and which node.

use std::num::NonZeroU32;

use rehearsal_machine::{Node, NodeId, Time};

use super::fault_state::Aim;
use super::pending::{Pending, Strike};
use super::run::Run;
use super::triggers::Occasion;
use crate::chance::{Chance, Keyed, Purpose, Words};
use crate::fault::{Action, Fault, Target, When, fits};
use crate::network::{Link, SessionStates};
use crate::plan::{Decision, Phase};
use crate::protocol::{Lane, Look as _, Protocol};
use crate::queue::Key;
use crate::source::TimeSpan;
use crate::trace::name_of;

/// What a keyed draw of a fault decides.
const GAP: u32 = 0;
const TARGET: u32 = 1;
const EFFECTS: u32 = 2;
const OVERDUE: u32 = 3;

/// A crash by chance comes at once, or after one of so many effects, each as likely.
const MOST_EFFECTS: u64 = 4;

impl<P: Protocol> Run<'_, P> {
    /// Plans the strikes of a fault that strikes at a number of random instants.
    pub(super) fn plan_drawn(&mut self, place: usize) {
        let fault = &self.scenario.faults()[place];
        let When::Within(least, most) = fault.when else { return };
        let range = least.as_nanos()..=most.as_nanos();
        for nth in 1..=fault.window.times.map_or(1, NonZeroU32::get) {
            let mut words = words(&self.chooser.chance, self.faults.identities[place], GAP, nth);
            let by_chance = || words.uniform(range.clone());
            let at = self.chooser.choices.instant((place, nth), *range.start(), by_chance);
            if at != *range.start() {
                // The run may end before that.
                let at = Some(TimeSpan::from_nanos(at));
                let strike = Decision::Strike { at, node: None, effects: None, does: None };
                self.chooser.choices.note_strike(place, nth, strike);
            }
            self.plan_strike(place, Strike::Drawn(nth), Time::from_nanos(at));
        }
    }

    /// The run has left its plan: plans anew the strikes that chance times, from now on.
    #[cold]
    pub(super) fn draw_faults_anew(&mut self) {
        self.chooser.faults_are_drawn();
        self.faults.are_redrawn = true;
        let now = self.world.now;
        for (place, fault) in self.scenario.faults().iter().enumerate() {
            let phase = self.chooser.phase(place);
            match fault.when {
                _ if phase == Phase::Before => {}
                When::Every(_) => {
                    let from = fault.window.from.map_or(now, |from| now.max(Time::ZERO + from));
                    // Those that have struck are the first ones.
                    let nth = self.faults.counts[place].saturating_add(1);
                    self.plan_by_chance(place, nth.try_into().unwrap_or(u32::MAX), from);
                }
                When::Within(..) => self.redraw(place, phase),
                _ => {}
            }
        }
    }

    /// Plans anew those strikes of a number of random instants that were still to come.
    fn redraw(&mut self, place: usize, phase: Phase) {
        let fault = &self.scenario.faults()[place];
        let When::Within(least, most) = fault.when else { return };
        let now = self.world.now.as_nanos();
        let (least, most) = (least.as_nanos(), most.as_nanos());
        let passed = self.faults.passed.get(&place).copied().unwrap_or_default();
        let (first, from) = match phase {
            // All of them are as a run without a plan has them, and some are over by now.
            Phase::After => (1, least),
            // Those to come are not over yet: nothing else is known of them.
            _ => (passed.saturating_add(1), least.max(now)),
        };
        for nth in first..=fault.window.times.map_or(1, NonZeroU32::get) {
            let mut words = words(&self.chooser.chance, self.faults.identities[place], GAP, nth);
            let at = if from <= most { words.uniform(from..=most) } else { continue };
            if at >= now {
                self.plan_strike(place, Strike::Redrawn(nth), Time::from_nanos(at));
            }
        }
    }

    /// Plans the strikes of a fault that strikes again and again: those that a
    /// plan lists, and the first by chance.
    pub(super) fn plan_strikes(&mut self, place: usize) {
        for (nth, at) in self.chooser.choices.strikes(place) {
            self.plan_strike(place, Strike::Listed(nth), at);
        }
        if self.chooser.choices.leaves_faults_to_chance() {
            let from = self.scenario.faults()[place].window.from.unwrap_or(TimeSpan::ZERO);
            self.plan_by_chance(place, 1, Time::ZERO + from);
        }
    }

    fn plan_by_chance(&mut self, place: usize, nth: u32, after: Time) {
        let Fault { when: When::Every(gap), window, .. } = &self.scenario.faults()[place] else {
            return;
        };
        let mut words = words(&self.chooser.chance, self.faults.identities[place], GAP, nth);
        // Without any time in between a fault would strike without end within one instant.
        let at = after + TimeSpan::from_nanos(gap.sample(&mut words).max(1));
        let is_one_too_many = window.times.is_some_and(|times| times.get() < nth);
        if !is_one_too_many && !self.is_over(place, at) {
            self.plan_strike(place, Strike::ByChance(nth), at);
        }
    }

    pub(super) fn plan_strike(&mut self, place: usize, strike: Strike, at: Time) {
        // A file does not have more lines than that.
        let pending = Pending::Fault { place: place as u32, strike };
        self.queue.push(Key::fault(at, place, strike.nth()), pending);
    }

    /// The time of a fault has come: does it strike, and which node? The answer is
    /// kept for [`strike_aimed`](Self::strike_aimed).
    pub(super) fn aim_at(&mut self, now: Time, place: usize, strike: Strike) -> bool {
        let nth = strike.nth();
        if matches!(strike, Strike::Listed(_) | Strike::Drawn(_)) {
            if self.faults.are_redrawn {
                return false;
            }
            *self.faults.passed.entry(place).or_default() += 1;
        }
        let is_again_and_again =
            matches!(strike, Strike::ByChance(_) | Strike::Listed(_) | Strike::Overdue(_));
        let is_lasting = self.scenario.faults()[place].lasting;
        if is_again_and_again && self.transit.calm.is_over_all() && !is_lasting {
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
            let aim = self.aim(now, place, nth, None);
            let effects = self.effects_before(place, strike);
            match (strike, &aim) {
                (
                    Strike::ByChance(_) | Strike::Listed(_) | Strike::Drawn(_) | Strike::Redrawn(_),
                    Some(aim),
                ) => {
                    self.note_strike(now, (place, nth), aim, effects);
                }
                // At another instant it might not be in vain.
                (Strike::Drawn(_) | Strike::Redrawn(_), None) => {
                    self.chooser.choices.note_strike(place, nth, Decision::Spare);
                }
                _ => {}
            }
            self.faults.aim = match (aim, effects) {
                (Some(Aim { node: Some(node), .. }), Some(effects)) => {
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
        aim: &Aim,
        effects: Option<NonZeroU32>,
    ) {
        let at = Some(TimeSpan::from_nanos(now.as_nanos()));
        let target = self.scenario.faults()[place].action.target();
        let node = aim.node.filter(|_| target.is_some_and(|(_, target)| target.is_found()));
        let does = aim.does.clone();
        self.chooser.choices.note_strike(place, nth, Decision::Strike { at, node, effects, does });
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
            let at = now + TimeSpan::from_nanos(gap.sample(&mut words).max(1));
            if !self.is_over(place, at) {
                self.plan_strike(place, Strike::Overdue(nth), at);
            }
        }
    }

    /// Is the window of the fault over at this time?
    fn is_over(&self, place: usize, at: Time) -> bool {
        let until = self.scenario.faults()[place].window.until;
        until.is_some_and(|until| at >= Time::ZERO + until)
    }

    /// The node has not had so many effects: the fault strikes now, if it still can.
    fn aim_overdue(&mut self, now: Time, place: usize, nth: u32) -> Option<Aim> {
        let node = self.faults.give_up_waiting(place, nth)?;
        // A crash of a node that is down by now would take back its restart: another fault.
        if self.world.is_up(node) && self.can_strike(place, node) {
            let aim = Aim { node: Some(node), does: None };
            self.note_strike(now, (place, nth), &aim, None);
            Some(aim)
        } else {
            self.chooser.choices.forget_strike(place, nth);
            None
        }
    }

    /// The node has had one more effect: the crashes that waited for it strike.
    #[cold]
    pub(super) fn strike_within_step(&mut self, node: NodeId) {
        for (place, nth) in self.faults.effect_of(node) {
            if self.is_over(place, self.world.now) {
                self.chooser.choices.forget_strike(place, nth);
            } else if self.world.is_up(node) && self.can_strike(place, node) {
                self.faults.is_struck = true;
                self.act(place, Aim { node: Some(node), does: None });
            }
        }
    }

    /// Strikes the target that the last aim has found.
    pub(super) fn strike_aimed(&mut self, place: usize) {
        if let Some(aim) = self.faults.aim.take() {
            self.act(place, aim);
        }
    }

    /// These strikes of faults are set off by an event of this node.
    pub(super) fn strike_all(&mut self, strikes: &[(usize, u32)], it: NodeId) {
        self.faults.is_struck = true;
        for (place, nth) in strikes {
            if let Some(aim) = self.aim(self.world.now, *place, *nth, Some(it)) {
                self.act(*place, aim);
            }
        }
    }

    /// The faults that an event sets off, and which strike it is of each, if its node is
    /// within their reach. A command that it sets off comes next.
    pub(super) fn set_off(&mut self, occasion: &Occasion<'_>) -> Vec<(usize, u32)> {
        let node = occasion.node();
        let now = self.world.now;
        let machine = self.world.machine(node);
        let role = || machine.map(|machine| P::Look::lane(machine).role);
        let is_calm = self.transit.calm.shields(node);
        let commands = self.commands.strike(occasion, now, false, role);
        let struck = self.faults.triggers.strike(occasion, now, is_calm, role);
        for (place, _) in commands {
            self.give(place);
        }
        struck
    }

    /// Does anything wait for an event?
    #[inline]
    pub(super) fn awaits_events(&self) -> bool {
        !self.faults.triggers.is_empty() || !self.commands.is_empty()
    }

    /// Does the plan, or a cut of it, keep this strike of a fault from happening now?
    pub(super) fn is_spared(&mut self, now: Time, (place, nth): (usize, u32)) -> bool {
        if !self.chooser.lets_strike((place, nth), now, self.watch.recorder.events()) {
            return true;
        }
        let is_spared = self.chooser.choices.strike(place, nth) == Some(Decision::Spare);
        if is_spared {
            self.chooser.choices.note_strike(place, nth, Decision::Spare);
        }
        is_spared
    }

    /// The target of the fault. None if no node has its role, the plan spares it,
    /// the calm shields it, or the budget is used up.
    fn aim(&mut self, now: Time, place: usize, nth: u32, it: Option<NodeId>) -> Option<Aim> {
        let fault = &self.scenario.faults()[place];
        if self.is_spared(now, (place, nth)) {
            return None;
        }
        let Some((_, target)) = fault.action.target() else {
            let does = self.draw_action(place, nth);
            let is_idle = match does.as_ref().unwrap_or(&fault.action) {
                Action::Release { from, to } => {
                    !self.transit.traffic.is_held(Link::new(*from, *to))
                }
                Action::Break(pairs) => !self.can_break(pairs, fault.lasting),
                _ => false,
            };
            return (!is_idle).then_some(Aim { node: None, does });
        };
        let node = match target {
            Target::Node(node) => node,
            Target::It => it?,
            Target::Role(role) => match self.chooser.choices.strike(place, nth) {
                // The node had the role when the plan's run found it.
                Some(Decision::Strike { node: Some(node), .. }) => node,
                _ => self.with_role(role, it)?,
            },
            Target::Any => self.any((place, nth), fault, |_| true)?,
            Target::AnyOf(nodes) => self.any((place, nth), fault, |node| nodes.contains(&node))?,
        };
        self.can_strike(place, node).then_some(Aim { node: Some(node), does: None })
    }

    /// Can the fault strike this node now?
    fn can_strike(&self, place: usize, node: NodeId) -> bool {
        let Fault { action, when, lasting, .. } = &self.scenario.faults()[place];
        let is_shielded = self.transit.calm.shields(node) && !action.is_start() && !lasting;
        let is_too_early = action.is_restart() && self.is_yet_to_join(node);
        let is_by_chance = matches!(when, When::Every(_));
        let is_too_much = is_by_chance && self.world.is_up(node) && self.would_be_too_many(action);
        !is_shielded && !is_too_early && self.can_be_done(action, node) && !is_too_much
    }

    /// A random node of those that can be meant and that the fault can strike.
    fn any(
        &mut self,
        (place, nth): (usize, u32),
        fault: &Fault,
        can_be_meant: impl Fn(NodeId) -> bool,
    ) -> Option<NodeId> {
        let is_start = fault.action.is_start();
        let is_reached = |node| is_start || fault.lasting || !self.transit.calm.shields(node);
        let candidates: Vec<_> = self
            .world
            .nodes()
            .filter(|node| can_be_meant(*node))
            .filter(|node| self.world.is_up(*node) != is_start)
            .filter(|node| is_reached(*node))
            .filter(|node| self.has_timer_of(&fault.action, *node))
            .filter(|node| !self.is_yet_to_join(*node))
            .collect();
        let first = *candidates.first()?;
        let mut words = words(&self.chooser.chance, self.faults.identities[place], TARGET, nth);
        let target =
            self.chooser.choices.target((place, nth), &candidates, |range| words.uniform(range))?;
        if target != first && !fault.is_timed_by_chance() {
            let node = Some(target);
            let strike = Decision::Strike { at: None, node, effects: None, does: None };
            self.chooser.choices.note_strike(place, nth, strike);
        }
        Some(target)
    }

    /// What a fault does whose action leaves nodes to chance.
    fn draw_action(&mut self, place: usize, nth: u32) -> Option<Action> {
        let fault = &self.scenario.faults()[place];
        let nodes = self.scenario.nodes();
        let sessions = self.transit.traffic.sessions.as_ref().map(SessionStates::pairs);
        let usual = fault.action.drawn(nodes, sessions, |range| *range.start())?;
        let mut words = words(&self.chooser.chance, self.faults.identities[place], TARGET, nth);
        let by_chance = || fault.action.drawn(nodes, sessions, |range| words.uniform(range));
        let drawn = self.chooser.choices.action((place, nth), &usual, by_chance);
        if drawn != usual && !fault.is_timed_by_chance() {
            let does = Some(drawn.clone());
            let strike = Decision::Strike { at: None, node: None, effects: None, does };
            self.chooser.choices.note_strike(place, nth, strike);
        }
        Some(drawn)
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
            _ => self.has_timer_of(action, node),
        }
    }

    /// Has the node armed the timer that the action moves, if it moves one?
    fn has_timer_of(&self, action: &Action, node: NodeId) -> bool {
        match action {
            Action::Fire { timer, .. } | Action::PutOff { timer, .. } => {
                let mut armed = self.world.up(node).into_iter().flat_map(Node::deadlines);
                armed.any(|(armed, _)| fits(timer, &name_of(armed)))
            }
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
