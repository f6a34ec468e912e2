//! What faults do to nodes: down and up, slow, on a clock of their own.

use rehearsal_machine::{Input, Node, NodeId, Time};

use super::StepInput;
use super::lives::PutOff;
use super::pending::Pending;
use super::run::Run;
use crate::fault::{Disk, Rate, Shift, fits};
use crate::network::By;
use crate::property::NodeEvent;
use crate::protocol::{Protocol, TimerOf};
use crate::queue::Key;
use crate::source::TimeSpan;
use crate::trace::{Damage, RawEvent, name_of};

impl<P: Protocol> Run<'_, P> {
    pub(super) fn start(&mut self, id: NodeId) {
        if let Some(pulse) = &self.watch.pulse {
            pulse.begin(id, self.world.now, StepInput::Build);
        }
        // The loader has built every node once; the same configuration builds it again.
        let machine = P::build(self.config_of(id), id, self.scenario.all_nodes())
            .unwrap_or_else(|reason| panic!("{id} cannot be built again: {}", reason.message()));
        let place = &mut self.world.places[id.index()];
        place.incarnations += 1;
        let incarnation = place.incarnations;
        let storage = place.storage.clone();
        self.lives.down.remove(&id);
        self.world.nodes[id.index()] = Some(Node::new(id, incarnation, machine));
        self.chooser.drawn[id.index()] = 0;
        self.record(&RawEvent::Start { node: id, incarnation });
        self.set_up_sessions_of(id);
        self.step(id, Input::Start(storage), None);
    }

    /// What the node runs by when it starts.
    pub(super) fn config_of(&self, node: NodeId) -> &P::Config {
        let upgrade = self.scenario.upgrade().filter(|_| self.lives.upgraded.contains(&node));
        upgrade.unwrap_or(self.scenario.config())
    }

    /// The node runs by the scenario's second configuration from its next
    /// start on.
    pub(super) fn upgrade(&mut self, node: NodeId) {
        if self.lives.upgraded.insert(node) {
            self.record(&RawEvent::Upgrade { node });
        }
    }

    /// Takes the node down, if it is up. One that has not started yet is kept
    /// from it; a start that was planned is taken back in any case.
    pub(super) fn crash(&mut self, node: NodeId, disk: Disk) {
        let goes_down = self.can_go_down(node);
        let incarnation = self.world.take_down(node);
        if !goes_down {
            return;
        }
        self.lives.down.insert(node);
        self.record(&RawEvent::Crash { node });
        let storage = &mut self.world.places[node.index()].storage;
        self.faults.outlived.disks.remove(&node);
        if let Some(damage) = self.lives.disks.crash(node, storage, disk) {
            self.record(&RawEvent::Disk { node, damage });
        }
        if let Some(incarnation) = incarnation.filter(|_| self.watch.judge.remembers()) {
            self.watch.judge.observe(&self.world, (node, incarnation), NodeEvent::Crash);
        }
        for (key, pending) in self.lives.pauses.take(node) {
            // What a node had not taken from its line yet goes down with it.
            if let Pending::Message(message) = pending {
                self.miss(&key, &message);
            }
        }
        self.end_sessions_of(node);
        self.watch.recorder.lane::<P>(self.world.now, node, None);
        self.note_change(node);
    }

    /// Is the node up, or about to start with the run?
    pub(super) fn can_go_down(&self, node: NodeId) -> bool {
        let place = &self.world.places[node.index()];
        let is_to_start = place.incarnations == 0 && place.crashes == 0;
        self.world.is_up(node) || is_to_start && !self.scenario.is_absent(node)
    }

    /// Starts the node after a while, unless something crashes it before.
    pub(super) fn restart(&mut self, node: NodeId, after: TimeSpan) {
        let crashes = self.world.places[node.index()].crashes;
        let key = Key::start(self.world.now + after, node);
        self.schedule(key, Pending::Start { node, crashes });
    }

    /// The node's storage is empty from now on.
    pub(super) fn wipe(&mut self, node: NodeId) {
        let storage = &mut self.world.places[node.index()].storage;
        if !storage.is_empty() {
            storage.clear();
            self.lives.disks.wipe(node);
            self.record(&RawEvent::Disk { node, damage: Damage::Wiped });
        }
    }

    pub(super) fn lie(&mut self, node: NodeId) {
        if self.lives.disks.lie(node, &self.world.places[node.index()].storage) {
            self.watch.judge.judge_safety_alone("a disk lied");
            self.record(&RawEvent::Disk { node, damage: Damage::Lies });
        }
    }

    pub(super) fn pause(&mut self, by: By, node: NodeId, lasts: Option<TimeSpan>) {
        let pause = self.lives.pauses.begin(node, by.is_lasting);
        self.record(&RawEvent::Pause { node });
        if let Some(lasts) = lasts {
            let key = Key::follows(self.world.now + lasts, by.place, pause);
            self.schedule(key, Pending::Resume { node, pause });
        }
    }

    pub(super) fn resume(&mut self, node: NodeId) {
        if self.lives.pauses.end(node, None) {
            self.resumed(node);
        }
    }

    /// A pause is over: what has come meanwhile is handled now, one by one.
    pub(super) fn resumed(&mut self, node: NodeId) {
        self.record(&RawEvent::Resume { node });
        self.queue.push(Key::backlog(self.world.now, node), Pending::Backlog { node });
    }

    /// The next thing that came for a node while it paused, as the event that
    /// it is; the one after it comes next.
    pub(super) fn next_of_backlog(
        &mut self,
        now: Time,
        node: NodeId,
    ) -> Option<(Key, Pending<P::Machine>)> {
        let (key, pending) = self.lives.pauses.next(node)?;
        self.queue.push(Key::backlog(now, node), Pending::Backlog { node });
        Some((key.moved_to(now), pending))
    }

    pub(super) fn skew(&mut self, node: NodeId, by: Shift) {
        self.world.clocks.skew(node, by, self.world.now);
        self.clock_changed(node);
    }

    pub(super) fn step_clock(&mut self, node: NodeId, by: Shift) {
        self.world.clocks.step(node, by, self.world.now);
        self.clock_changed(node);
    }

    pub(super) fn drift(&mut self, node: NodeId, by: Rate) {
        self.world.clocks.drift(node, by, self.world.now);
        self.clock_changed(node);
    }

    /// An armed timer of the node fires now, or so much later than it would; the calm puts
    /// that back unless it is to last.
    pub(super) fn move_timer(
        &mut self,
        id: NodeId,
        name: &str,
        later: Option<TimeSpan>,
        is_lasting: bool,
    ) {
        let own = self.world.clocks.show(id, self.world.now);
        let Some(node) = self.world.up(id) else { return };
        let armed = node.deadlines().find(|(timer, _)| fits(name, &name_of(*timer)));
        let Some(timer) = armed.map(|(timer, _)| timer.clone()) else { return };
        let incarnation = node.incarnation();
        let Some(before) = node.deadline(&timer) else { return };
        if later.is_some() && !is_lasting {
            let is_same = |it: &PutOff<P::Machine>| {
                it.node == id && it.incarnation == incarnation && it.before.arming == before.arming
            };
            if !self.lives.put_off.iter().any(is_same) {
                let put_off = PutOff { node: id, incarnation, timer: timer.clone(), before };
                self.lives.put_off.push(put_off);
            }
        }
        // One that waits for the end of a pause may be overdue.
        let due = later.map_or(own, |later| before.at + later).max(own);
        self.move_deadline(id, timer, due);
    }

    /// The calm has begun for the node: its timers that were put off fire when they would have.
    pub(super) fn put_back(&mut self, id: NodeId) {
        let own = self.world.clocks.show(id, self.world.now);
        let of_node = |it: &mut PutOff<P::Machine>| it.node == id;
        let put_off: Vec<_> = self.lives.put_off.extract_if(.., of_node).collect();
        for PutOff { incarnation, timer, before, .. } in put_off {
            let node = self.world.up(id).filter(|node| node.incarnation() == incarnation);
            let armed = node.and_then(|node| node.deadline(&timer));
            let due = before.at.max(own);
            if armed.is_some_and(|armed| armed.arming == before.arming && armed.at > due) {
                self.move_deadline(id, timer, due);
            }
        }
    }

    fn move_deadline(&mut self, id: NodeId, timer: TimerOf<P>, due: Time) {
        let now = self.world.now;
        let Some(node) = self.world.up_mut(id) else { return };
        let (incarnation, wakeup) = (node.incarnation(), node.move_deadline(&timer, due));
        let deadline = self.world.clocks.when(id, due, now);
        self.record(&RawEvent::Move { node: id, timer: &timer, deadline });
        if let Some(wakeup) = wakeup {
            let key = Key::timer(deadline, id, wakeup.arming);
            self.schedule(key, Pending::Timer { incarnation, timer });
        }
    }

    /// A node's deadlines come when its own clock says so.
    pub(super) fn clock_changed(&mut self, id: NodeId) {
        let now = self.world.now;
        let (shows, gained, passed) = self.world.clocks.tell(id, now);
        self.record(&RawEvent::Clock { node: id, shows, gained, passed });
        let Some(node) = self.world.nodes[id.index()].as_mut() else { return };
        let incarnation = node.incarnation();
        let alarms: Vec<_> = node.wakeups().collect();
        for (timer, alarm) in alarms {
            let at = self.world.clocks.when(id, alarm.at, now);
            let key = Key::timer(at, id, alarm.arming);
            self.schedule(key, Pending::Timer { incarnation, timer });
        }
    }
}
