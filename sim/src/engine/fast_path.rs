//! The fast path of what most runs mostly do: a message reaches a machine, or
//! a deadline comes, and the machine sends messages and arms timers.
//!
//! It does what `play`, `step` and `send` do, without all that they ask in vain
//! in a run that nothing disturbs but delays, and of which at most the digest and
//! the coverage are kept. Such runs are what sweeps over many seeds are made of.

use std::hint::black_box;

use rehearsal_machine::{Effect, Input, Message as _, NodeId, Time};

use super::lookahead::Sent;
use super::pending::{Cause, Due, Pending};
use super::run::{FastPath, Run};
use super::watchers::Watchers;
use crate::check::Failure;
use crate::network::{Copies, Fate, Link};
use crate::property::NodeEvent;
use crate::protocol::{MessageOf, Protocol, TimerOf};
use crate::queue::Key;
use crate::trace::RawEvent;

impl<P: Protocol> Run<'_, P> {
    pub(super) fn fast_path(&self) -> FastPath {
        let is_undisturbed = self.chooser.choices.leaves_all_to_chance()
            && !self.can_be_too_large()
            && self.scenario.faults().is_empty()
            && self.commands.is_empty()
            && self.scenario.network().is_undisturbed()
            && !self.watch.judge.hears_all();
        let is_recorded = self.watch.recorder.is_on() || self.watch.collector.is_some();
        match (self.watch.recorder.has_trace(), is_undisturbed, is_recorded) {
            (false, true, false) => FastPath::Unrecorded,
            (false, true, true) => FastPath::Recorded,
            _ => FastPath::Closed,
        }
    }

    /// The next event that cannot take the fast path, once all that can have happened.
    #[inline]
    pub(super) fn next(&mut self, until: Time) -> Result<Option<Due<P::Machine>>, Failure> {
        match self.fast_path {
            FastPath::Closed => Ok(self.queue.pop_before(until)),
            FastPath::Unrecorded => self.next_but_inputs::<false>(until),
            FastPath::Recorded => self.next_but_inputs::<true>(until),
        }
    }

    #[inline]
    fn next_but_inputs<const IS_RECORDED: bool>(
        &mut self,
        until: Time,
    ) -> Result<Option<Due<P::Machine>>, Failure> {
        loop {
            let next = self.next_before::<IS_RECORDED>(until);
            if self.transit.lookahead.is_empty() {
                return next;
            }
            self.settle_arrivals();
            if !matches!(next, Ok(None)) {
                return next;
            }
        }
    }

    #[inline(never)]
    fn next_before<const IS_RECORDED: bool>(
        &mut self,
        until: Time,
    ) -> Result<Option<Due<P::Machine>>, Failure> {
        let mut limit = until.min(self.transit.lookahead.horizon());
        while let Some((key, pending)) = self.queue.pop_before(limit) {
            if self.transit.lookahead.is_open() {
                self.look_at_next();
            }
            if let Err(failure) = self.watch.judge.before(key.at(), &self.world, &self.watch.tally)
            {
                // As in `play`: it has not happened.
                self.queue.push(key, pending);
                return Err(failure);
            }
            match pending {
                Pending::Message(message) => {
                    self.advance(key.at())?;
                    self.deliver_fast::<IS_RECORDED>(&key, message)?;
                }
                Pending::Timer { incarnation, timer } if self.rings(&key, incarnation, &timer) => {
                    self.advance(key.at())?;
                    self.fire_fast::<IS_RECORDED>(key.to(), timer)?;
                }
                Pending::Timer { .. } => self.progress()?,
                pending => return Ok(Some((key, pending))),
            }
            if self.transit.lookahead.is_full() {
                self.settle_arrivals();
            }
            limit = until.min(self.transit.lookahead.horizon());
        }
        Ok(None)
    }

    #[inline]
    fn deliver_fast<const IS_RECORDED: bool>(
        &mut self,
        key: &Key,
        message: MessageOf<P>,
    ) -> Result<(), Failure> {
        let (from, node) = (key.from(), key.to());
        self.watch.event = Cause::Deliver(message.kind());
        if !self.world.is_up(node) {
            self.miss(key, &message);
            return Ok(());
        }
        self.watch.tally.delivered += 1;
        if IS_RECORDED {
            let (count, copy) = key.count_and_copy();
            self.record(&RawEvent::Deliver { node, from, count, copy, message: &message });
        }
        self.step_fast::<IS_RECORDED>(node, Input::Message { from, message })
    }

    #[inline]
    fn fire_fast<const IS_RECORDED: bool>(
        &mut self,
        node: NodeId,
        timer: TimerOf<P>,
    ) -> Result<(), Failure> {
        self.watch.event = Cause::Timer(timer.clone());
        if IS_RECORDED {
            self.record(&RawEvent::Timer { node, timer: &timer });
        }
        self.step_fast::<IS_RECORDED>(node, Input::Timer(timer))
    }

    #[inline]
    fn step_fast<const IS_RECORDED: bool>(
        &mut self,
        id: NodeId,
        input: Input<P::Machine>,
    ) -> Result<(), Failure> {
        // No fault sets a clock, so every node's shows the time itself.
        let remembers = self.watch.judge.remembers();
        if remembers {
            self.observe(id, NodeEvent::Input(&input));
        }
        let now = self.world.now;
        let incarnation = if IS_RECORDED {
            self.handle_and_collect(id, input, now)
        } else {
            self.handle::<false>(id, input, now)
        };
        let Some(incarnation) = incarnation else { return Ok(()) };
        while let Some(effect) = self.effects.pop() {
            if remembers && matches!(effect, Effect::Send { .. } | Effect::Arm { .. }) {
                self.observe(id, NodeEvent::Effect(&effect));
            }
            match effect {
                Effect::Send { to, message } => self.send_fast::<IS_RECORDED>(id, to, message),
                Effect::Arm { timer, after } => self.arm(id, incarnation, timer, after),
                effect => self.carry_out(id, incarnation, effect),
            }
        }
        if remembers {
            self.observe(id, NodeEvent::StepEnd);
        }
        // No fault takes part, so an event changes no other node.
        let Watchers { judge, tally, event, .. } = &mut self.watch;
        judge.after(&self.world, &[id], tally, || event.to_string())
    }

    #[inline]
    fn send_fast<const IS_RECORDED: bool>(
        &mut self,
        from: NodeId,
        to: NodeId,
        message: MessageOf<P>,
    ) {
        self.watch.tally.send(message.kind());
        if to.index() >= self.world.nodes.len() {
            return self.send_nowhere(from, to, &message);
        }
        let (link, now) = (Link::new(from, to), self.world.now);
        let is_digested = IS_RECORDED && self.watch.recorder.is_on();
        if !is_digested && self.transit.lookahead.is_open() {
            return self.transit.lookahead.put_off(now, link, message);
        }
        let count = self.transit.traffic.count(link);
        let at = self.transit.traffic.undisturbed(&self.chooser.chance, link, count, now);
        if is_digested {
            let fate = Fate::Arrives { first: at, copies: Copies::NONE };
            self.record(&RawEvent::Send { node: from, to, count, message: &message, fate: &fate });
        }
        self.schedule(Key::message(at, from, to, count, 0), Pending::Message(message));
    }

    /// Finds out when the messages that wait arrive. Before each step of that
    /// it reads what the step will read: nothing depends on those values, so
    /// that no read waits for another.
    pub(super) fn settle_arrivals(&mut self) {
        let mut sent = std::mem::take(&mut self.transit.lookahead.sent);
        let read = |read, Sent { link, .. }: &Sent<_>| read ^ self.transit.traffic.peek(*link);
        black_box(sent.iter().fold(0, read));
        for Sent { at, link, count, .. } in &mut sent {
            *count = self.transit.traffic.count(*link);
            *at = self.transit.traffic.undisturbed(&self.chooser.chance, *link, *count, *at);
        }
        let read = |read, Sent { at, .. }: &Sent<_>| read ^ self.queue.peek_at(*at);
        black_box(sent.iter().fold(0, read));
        for Sent { at, link, count, message } in sent.drain(..) {
            let key = Key::message(at, link.from, link.to, count, 0);
            self.schedule(key, Pending::Message(message));
        }
        self.transit.lookahead.sent = sent;
    }

    /// Reads what the next event will read, while this one goes on.
    #[inline]
    pub(super) fn look_at_next(&self) {
        let node = self.queue.peek().and_then(|key| self.world.nodes.get(key.receiver_index()));
        black_box(node.is_some_and(Option::is_some));
    }
}
