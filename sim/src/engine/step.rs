//! One input into one machine, and its effects out into the world.

use rehearsal_machine::{Effect, Input, Machine, Message as _, NodeId, Time, nanos};

use super::StepInput;
use super::draws::StepDraws;
use super::pending::{Cause, Pending};
use super::run::Run;
use super::triggers::Occasion;
use crate::chance::{Purpose, Words};
use crate::property::NodeEvent;
use crate::protocol::{Look as _, Protocol, TimerOf};
use crate::queue::Key;
use crate::source::TimeSpan;
use crate::trace::{RawEvent, name_of};

impl<P: Protocol> Run<'_, P> {
    /// `from` is the sender, if the input is a message.
    pub(super) fn step(&mut self, id: NodeId, input: Input<P::Machine>, from: Option<NodeId>) {
        self.note_change(id);
        let own = self.world.clocks.show(id, self.world.now);
        if self.watch.judge.remembers() {
            self.observe(id, NodeEvent::Input(&input));
        }
        let sees_roles = self.faults.triggers.sees_roles() || self.commands.sees_roles();
        let role = if sees_roles { self.role_in_step(id) } else { None };
        let sees_texts = self.faults.triggers.sees_texts() || self.commands.sees_texts();
        let text = match &input {
            Input::Message { message, .. } if sees_texts => P::Look::message_text(message),
            _ => String::new(),
        };
        self.keep_state_before(id, matches!(input, Input::Start(_)));
        let Some(incarnation) = self.handle_and_collect(id, input, own) else { return };
        self.keep_state_after(id);
        self.faults.is_struck = false;
        if self.awaits_events() {
            self.strike_on_input(id, (from, &text), role);
        }
        while let Some(effect) = self.effects.pop() {
            if self.faults.is_struck && self.world.incarnation(id) != Some(incarnation) {
                // A fault has taken the node down: the rest of the step never happens.
                self.effects.clear();
                return;
            }
            self.carry_out(id, incarnation, effect);
        }
        if self.watch.judge.remembers() && self.world.incarnation(id) == Some(incarnation) {
            self.observe(id, NodeEvent::StepEnd);
        }
    }

    /// Keeps what the machine is like before a step, where that is asked for.
    fn keep_state_before(&mut self, node: NodeId, is_start: bool) {
        if let (Some(states), Some(machine)) = (&mut self.watch.states, self.world.machine(node)) {
            states.before::<P>(self.watch.recorder.events(), node, machine, is_start);
        }
    }

    /// The same after it.
    fn keep_state_after(&mut self, node: NodeId) {
        if let (Some(states), Some(machine)) = (&mut self.watch.states, self.world.machine(node)) {
            states.after::<P>(self.watch.recorder.events(), node, machine);
        }
    }

    /// As [`handle`](Self::handle), and collects what the step covers where that is
    /// asked for.
    #[inline]
    pub(super) fn handle_and_collect(
        &mut self,
        id: NodeId,
        input: Input<P::Machine>,
        own: Time,
    ) -> Option<u32> {
        let Some(collector) = &mut self.watch.collector else {
            return self.handle::<false>(id, input, own);
        };
        let kind = collector.input(&input);
        let incarnation = self.handle::<true>(id, input, own)?;
        if let (Some(collector), Some(machine)) =
            (&mut self.watch.collector, self.world.machine(id))
        {
            collector.step(id, kind, &self.effects, P::Look::lane(machine).role);
        }
        Some(incarnation)
    }

    /// Lets the node's machine take an input, at this time on its own clock.
    /// Its effects wait in `effects`, the first one last: to pop them costs less
    /// than a drain from the front. Gives the incarnation, if the node is up.
    #[expect(
        clippy::inline_always,
        reason = "most of what a run does is this, and a call of it shows"
    )]
    #[inline(always)]
    pub(super) fn handle<const COLLECTS_MARKS: bool>(
        &mut self,
        id: NodeId,
        input: Input<P::Machine>,
        own: Time,
    ) -> Option<u32> {
        let node = self.world.nodes[id.index()].as_mut()?;
        let incarnation = node.incarnation();
        let collector = if COLLECTS_MARKS { self.watch.collector.as_deref_mut() } else { None };
        let marks = collector.map(|collector| &mut collector.marks);
        let mut draws = StepDraws {
            chooser: &mut self.chooser,
            moment: (self.world.now, self.watch.recorder.events()),
            node: id,
            incarnation,
            marks,
        };
        self.lives.stepping = Some(id);
        let pulse = self.watch.pulse.as_deref();
        if let Some(pulse) = pulse {
            pulse.begin(id, self.world.now, told(&input));
        }
        node.handle(input, own, &mut draws, &mut self.effects);
        if let Some(pulse) = pulse {
            pulse.end();
        }
        self.lives.stepping = None;
        if self.effects.len() > 1 {
            self.effects.reverse();
        }
        Some(incarnation)
    }

    /// The role of the node that takes a step. If the protocol panics when it is
    /// asked, the failure names this node.
    fn role_in_step(&mut self, node: NodeId) -> Option<char> {
        self.lives.stepping = Some(node);
        let role = self.role(node);
        self.lives.stepping = None;
        role
    }

    /// Tells the protocol what a node that is up does.
    pub(super) fn observe(&mut self, node: NodeId, event: NodeEvent<'_, P::Machine>) {
        if let Some(incarnation) = self.world.incarnation(node) {
            self.watch.judge.observe(&self.world, (node, incarnation), event);
        }
    }

    /// The node is to be judged, and its role to be told, where anybody asks.
    #[inline]
    pub(super) fn note_change(&mut self, node: NodeId) {
        if !self.watch.is_unwatched {
            self.watch.changed.push(node);
        }
    }

    /// The faults that an input sets off, once the machine has taken it.
    #[cold]
    fn strike_on_input(
        &mut self,
        node: NodeId,
        (from, text): (Option<NodeId>, &str),
        before: Option<char>,
    ) {
        let event = self.watch.event.clone();
        let mut struck = match (&event, from) {
            (Cause::Deliver(kind), Some(from)) => {
                self.set_off(&Occasion::Receives { node, from, kind, text })
            }
            (Cause::Timer(timer), _) => {
                self.set_off(&Occasion::Fires { node, timer: &|| name_of(timer) })
            }
            (Cause::Link { peer, up }, _) => {
                self.set_off(&Occasion::Hears { node, peer: *peer, up: *up })
            }
            _ => Vec::new(),
        };
        if before.is_some() && self.role_in_step(node) != before {
            struck.append(&mut self.set_off(&Occasion::Becomes { node }));
            struck.sort_unstable();
        }
        self.strike_all(&struck, node);
        self.close_windows();
    }

    /// What was withheld until an event that has just happened sets off.
    fn close_windows(&mut self) {
        if self.faults.triggers.have_closed() {
            for place in self.faults.triggers.take_closed() {
                self.let_go_withheld(place);
            }
        }
    }

    #[inline(never)]
    pub(super) fn carry_out(&mut self, node: NodeId, incarnation: u32, effect: Effect<P::Machine>) {
        let mut struck = Vec::new();
        if self.watch.judge.remembers() {
            self.observe(node, NodeEvent::Effect(&effect));
        }
        if !matches!(effect, Effect::Save { .. }) {
            self.lives.disks.make_durable(node);
        }
        match effect {
            Effect::Send { to, message } => struck = self.send(node, to, message),
            Effect::Arm { timer, after } => self.arm(node, incarnation, timer, after),
            Effect::Disarm(timer) => {
                self.record(&RawEvent::Disarm { node, timer: &timer });
                if let Some(node) = self.world.up_mut(node) {
                    node.disarm(&timer);
                }
            }
            Effect::Save { cell, value } => {
                self.record(&RawEvent::Save { node, cell: &cell, value: value.as_ref() });
                if self.awaits_events() {
                    let name = || P::Look::cell_text(&cell);
                    struck = self.set_off(&Occasion::Saves { node, cell: &name });
                }
                let storage = &mut self.world.places[node.index()].storage;
                self.lives.disks.save(node, storage, cell, value);
                self.watch.judge.news(node, self.world.now);
            }
            Effect::Emit(output) => {
                self.record(&RawEvent::Emit { node, output: &output });
                self.watch.judge.news(node, self.world.now);
                if self.awaits_events() {
                    let text = || P::Look::output_text(&output);
                    struck = self.set_off(&Occasion::Emits { node, text: &text });
                }
                self.world.places[node.index()].outputs.push(output);
            }
        }
        if self.awaits_events() {
            struck.append(&mut self.set_off(&Occasion::Effect { of: node }));
            struck.sort_unstable();
        }
        if !struck.is_empty() {
            self.strike_all(&struck, node);
        }
        self.close_windows();
        if self.faults.awaits_effects() {
            self.strike_within_step(node);
        }
    }

    #[inline]
    pub(super) fn arm(
        &mut self,
        id: NodeId,
        incarnation: u32,
        timer: TimerOf<P>,
        after: std::ops::RangeInclusive<std::time::Duration>,
    ) {
        let now = self.world.now;
        let own = self.world.clocks.show(id, now);
        let Some(node) = self.world.nodes[id.index()].as_mut() else { return };
        let arming = node.armings() + 1;
        self.chooser.next(now, self.watch.recorder.events());
        let chance = &self.chooser.chance;
        let span = self.chooser.choices.arm(
            (id, incarnation),
            || name_of(&timer),
            nanos(*after.start())..=nanos(*after.end()),
            |range| chance.keyed(Purpose::Arm, id.number(), incarnation, arming).uniform(range),
        );
        let due = own + TimeSpan::from_nanos(span);
        let alarm = node.arm(timer.clone(), due);
        let deadline = self.world.clocks.when(id, due, now);
        self.record(&RawEvent::Arm { node: id, timer: &timer, deadline });
        if let Some(alarm) = alarm {
            let key = Key::timer(deadline, id, alarm.arming);
            self.schedule(key, Pending::Timer { incarnation, timer });
        }
    }
}

#[cold]
fn told<M: Machine>(input: &Input<M>) -> StepInput {
    match input {
        Input::Start(_) => StepInput::Start,
        Input::Message { message, .. } => StepInput::Message(message.kind()),
        Input::Timer(_) => StepInput::Timer,
        Input::Command(_) => StepInput::Command,
        Input::Link { .. } => StepInput::Link,
    }
}
