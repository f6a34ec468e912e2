//! The loop: what is due next happens, until nothing is.

use rehearsal_machine::{Expiry, Input, Machine, Time};

use super::pending::{Cause, Pending};
use super::run::Run;
use super::watchers::Watchers;
use crate::check::{Check, Failure};
use crate::network::Lost;
use crate::panics::Panic;
use crate::protocol::{MessageOf, Protocol};
use crate::queue::Key;
use crate::scenario::CommandAt;
use crate::trace::RawEvent;

impl<P: Protocol> Run<'_, P> {
    pub(super) fn play(&mut self) -> Result<(), Failure> {
        let until = self.scenario.until();
        while let Some((key, pending)) = self.next(until)? {
            if let Err(failure) = self.watch.judge.before(key.at(), &self.world, &self.watch.tally)
            {
                // It has not happened: what the run leaves behind has it still to come.
                self.queue.push(key, pending);
                return Err(failure);
            }
            let Some((key, pending)) = self.admit(key, pending) else {
                self.progress()?;
                continue;
            };
            self.advance(key.at())?;
            let _span = self.watch.recorder.step(key.at(), pending.node(&key));
            self.happen(&key, pending);
            self.judge_what_changed()?;
            if self.chooser.is_to_draw_faults() {
                self.draw_faults_anew();
            }
        }
        self.watch.judge.at_the_end(&self.world, &self.watch.tally)
    }

    /// One event more, at this time.
    #[inline]
    pub(super) fn advance(&mut self, now: Time) -> Result<(), Failure> {
        if now > self.world.now {
            self.made_for_now = 0;
        }
        self.world.now = now;
        self.watch.tally.events += 1;
        self.progress()
    }

    /// What is due, unless it is no event after all: a deadline that was put
    /// off or disarmed, a start of a node that is up, a fault that finds nobody
    /// to strike, or what comes for a node that pauses.
    #[inline]
    fn admit(
        &mut self,
        key: Key,
        pending: Pending<P::Machine>,
    ) -> Option<(Key, Pending<P::Machine>)> {
        if !self.lives.pauses.is_empty()
            && pending.can_wait()
            && self.lives.pauses.is_paused(key.to())
        {
            self.lives.pauses.wait(key, pending);
            return None;
        }
        let (key, pending) = match pending {
            Pending::Backlog { node } => self.next_of_backlog(key.at(), node)?,
            pending => (key, pending),
        };
        let is_event = match &pending {
            Pending::Timer { incarnation, timer } => self.rings(&key, *incarnation, timer),
            Pending::Start { node, crashes } => {
                !self.world.is_up(*node) && self.world.places[node.index()].crashes == *crashes
            }
            Pending::Fault { place, strike } => self.aim_at(key.at(), *place as usize, *strike),
            Pending::Flap { place, number, .. } => {
                self.faults.flaps.get(&(*place as usize)) == Some(number)
            }
            Pending::Close { place } => self.transit.is_kept_by(*place as usize),
            Pending::Resume { node, pause } => self.lives.pauses.end(*node, Some(*pause)),
            Pending::Sessions => {
                let sessions = self.transit.traffic.sessions.as_mut();
                sessions.is_some_and(|sessions| sessions.are_due(key.at()))
            }
            Pending::Link { incarnation, session, up } => {
                self.is_news(&key, *incarnation, *session, *up)
            }
            Pending::Calm | Pending::Message(_) | Pending::Command { .. } => true,
            // There is no backlog in a backlog.
            Pending::Lost | Pending::Backlog { .. } => false,
        };
        is_event.then_some((key, pending))
    }

    /// An alarm rings: has its deadline come?
    #[inline]
    pub(super) fn rings(
        &mut self,
        key: &Key,
        incarnation: u32,
        timer: &<P::Machine as Machine>::Timer,
    ) -> bool {
        let id = key.to();
        let own = self.world.clocks.show(id, key.at());
        let Some(node) = self.world.up_mut(id).filter(|node| node.incarnation() == incarnation)
        else {
            return false;
        };
        match node.expire(timer, key.arming(), own) {
            Expiry::Fires => true,
            Expiry::Nothing => false,
            Expiry::Again(alarm) => {
                // One that waited for a pause to end may be overdue.
                let at = self.world.clocks.when(id, alarm.at, key.at()).max(key.at());
                let timer = timer.clone();
                let again = Pending::Timer { incarnation, timer };
                self.queue.push(Key::timer(at, id, alarm.arming), again);
                false
            }
        }
    }

    fn happen(&mut self, key: &Key, pending: Pending<P::Machine>) {
        match pending {
            Pending::Message(message) => self.deliver(key, message),
            Pending::Timer { timer, .. } => {
                self.watch.event = Cause::Timer(timer.clone());
                self.record(&RawEvent::Timer { node: key.to(), timer: &timer });
                self.step(key.to(), Input::Timer(timer), None);
            }
            Pending::Command { place } => self.command(place as usize),
            Pending::Sessions => self.sessions_begin(),
            Pending::Link { session, up, .. } => {
                self.hear_of_link(key.to(), key.from(), session, up);
            }
            Pending::Start { node, .. } => {
                self.watch.event = Cause::Start;
                self.start(node);
            }
            // What it is the first of was admitted in its place.
            Pending::Backlog { .. } | Pending::Lost => {}
            Pending::Calm => {
                self.watch.event = Cause::Fault;
                self.become_calm();
            }
            Pending::Fault { place, .. } => {
                self.watch.event = Cause::Fault;
                self.strike_aimed(place as usize);
            }
            Pending::Close { place } => {
                self.watch.event = Cause::Fault;
                self.let_go_withheld(place as usize);
            }
            Pending::Flap { place, number, opens } => {
                self.watch.event = Cause::Fault;
                self.flap(place as usize, number, opens);
            }
            Pending::Resume { node, .. } => {
                self.watch.event = Cause::Fault;
                self.resumed(node);
            }
        }
    }

    /// A step changes its node; a fault that an effect set off may change others.
    fn judge_what_changed(&mut self) -> Result<(), Failure> {
        for node in &self.watch.changed {
            self.watch.recorder.lane::<P>(self.world.now, *node, self.world.machine(*node));
        }
        let Watchers { judge, tally, event, changed, .. } = &mut self.watch;
        judge.after(&self.world, changed, tally, || event.to_string())?;
        changed.clear();
        Ok(())
    }

    /// The command at this place, of the file and then of the workload.
    fn command_at(&self, place: usize) -> &CommandAt<P> {
        let of_file = self.scenario.commands();
        of_file.get(place).unwrap_or_else(|| &self.workload[place - of_file.len()])
    }

    /// The owner of a node gives a command now, which waited for an event.
    pub(super) fn give(&mut self, place: usize) {
        let key = Key::command(self.world.now, self.command_at(place).to, place);
        // A file does not have more lines than that.
        self.schedule(key, Pending::Command { place: place as u32 });
    }

    fn command(&mut self, place: usize) {
        self.watch.event = Cause::Command;
        let command = self.command_at(place);
        let (node, command) = (command.to, command.command.clone());
        // An owner cannot reach a node that is down; its request is gone.
        let is_heard = self.world.is_up(node);
        self.record(&RawEvent::Command { node, command: &command, is_heard });
        self.watch.tally.unheard += u64::from(!is_heard);
        if is_heard {
            self.step(node, Input::Command(command), None);
        }
    }

    fn deliver(&mut self, key: &Key, message: MessageOf<P>) {
        let (from, node) = (key.from(), key.to());
        let (count, copy) = key.count_and_copy();
        self.watch.event = Cause::Deliver(rehearsal_machine::Message::kind(&message));
        if !self.world.is_up(node) {
            return self.miss(key, &message);
        }
        self.watch.tally.delivered += 1;
        self.record(&RawEvent::Deliver { node, from, count, copy, message: &message });
        self.step(node, Input::Message { from, message }, Some(from));
    }

    /// A message finds its receiver down.
    pub(super) fn miss(&mut self, key: &Key, message: &MessageOf<P>) {
        let (count, copy) = key.count_and_copy();
        let (node, from) = (key.to(), key.from());
        let is_absent = self.is_yet_to_join(node);
        self.watch.tally.lose(if is_absent { Lost::Absent } else { Lost::Down });
        self.record(&RawEvent::Miss { node, from, count, copy, message });
    }

    /// Makes something due from within an event.
    #[expect(clippy::inline_always, reason = "what is due is made where it waits this way")]
    #[inline(always)]
    pub(super) fn schedule(&mut self, key: Key, pending: Pending<P::Machine>) {
        self.made_for_now += u64::from(key.at() == self.world.now);
        self.queue.push(key, pending);
    }

    #[inline]
    pub(super) fn record(&mut self, step: &RawEvent<'_, P>) {
        if self.watch.recorder.is_on() {
            self.watch.recorder.record(self.world.now, step);
        }
    }

    /// A panic in the middle of it: of the machine that was handling an input,
    /// or else of something whose panic is none of a run's business. A machine
    /// that stopped half-way is not looked at any more.
    pub(super) fn panicked(&mut self, panic: &Panic) -> Failure {
        let Panic { place, message } = panic;
        let Some(node) = self.lives.stepping.take() else { panic!("{message} (at {place})") };
        self.world.nodes[node.index()] = None;
        Failure {
            check: Check::NoPanic,
            reason: format!("panicked at {place}"),
            at: self.world.now,
            detail: format!("{node} panicked at {place}: {message}"),
            event: self.watch.event.to_string(),
        }
    }
}
