use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::draws::Recorded;
use rehearsal_machine::{Effect, Expiry, Input, Node, Storage, Time, nanos};
use tokio::sync::mpsc;

use super::draws::Chance;
use super::peers::Peers;
use super::wakeups::Wakeups;
use super::{BATCH, NodeError, Owner, SMALL_BATCH, Setup};
use crate::RealMachine;
use crate::codec::{self, append};
use crate::disk::Cells;
use crate::link::Event;
use crate::link::handshake::Peer;
use crate::metrics::{Count, Metrics};
use crate::recording::{Drawn, Outcome, RecordedInput, Recorder};
use crate::wire::frame::{self, Frame};

/// A node between its inputs and the world.
pub(super) struct Driver<M: RealMachine> {
    node: Node<M>,
    /// When this batch began.
    now: Time,
    chance: Chance,
    wakeups: Wakeups<M::Timer>,
    peers: Peers,
    cells: Cells,
    metrics: Arc<Metrics>,
    inbox: mpsc::Sender<Event>,
    max_message: u32,
    /// What it said to itself and has not heard yet.
    own: VecDeque<(u32, M::Message)>,
    /// What it is to tell its owner, once what it saved is durable.
    told: Vec<M::Output>,
    effects: Vec<Effect<M>>,
    recorder: Option<Recorder>,
    /// What the machine drew in a step, and what was made of its effects.
    drawn: Vec<Drawn>,
    outcome: Vec<Outcome>,
    /// Was the disk waited for at the end of the last batch?
    was_saved: bool,
    /// Why the node cannot go on.
    failure: Option<NodeError>,
}

impl<M: RealMachine + 'static> Driver<M> {
    pub(super) fn new(setup: Setup<M>, inbox: mpsc::Sender<Event>) -> Self {
        let peers = Peers::new(setup.roster.nodes(), &setup.limits, &setup.metrics);
        Self {
            node: Node::new(setup.me, setup.cells.incarnation(), setup.machine),
            now: crate::now(),
            chance: Chance::new(),
            wakeups: Wakeups::new(),
            peers,
            cells: setup.cells,
            metrics: setup.metrics,
            inbox,
            max_message: setup.limits.max_message,
            own: VecDeque::new(),
            told: Vec::new(),
            effects: Vec::new(),
            recorder: setup.recorder,
            drawn: Vec::new(),
            outcome: Vec::new(),
            was_saved: false,
            failure: None,
        }
    }

    /// The first input of all.
    pub(super) fn start(&mut self, storage: Storage<M>) {
        let entry = self.recorder.is_some().then(|| Ok(RecordedInput::start(self.cells.held())));
        self.take(entry, Input::Start(storage));
    }

    /// How long there is until a deadline may come.
    pub(super) fn next_wakeup(&self) -> Option<Duration> {
        if !self.own.is_empty() {
            return Some(Duration::ZERO);
        }
        self.wakeups.next().map(|at| at.since(crate::now()))
    }

    /// How many reads of links the next batch may have.
    pub(super) fn batch(&self) -> usize {
        if self.was_saved { BATCH } else { SMALL_BATCH }
    }

    /// A batch begins: it is one instant to the machine.
    pub(super) fn look_at_clock(&mut self) {
        self.now = crate::now();
    }

    /// Does a deadline come in this batch?
    pub(super) fn is_due(&self) -> bool {
        self.wakeups.next().is_some_and(|at| at <= self.now)
    }

    pub(super) fn command(&mut self, command: M::Command) {
        let entry = self.recorder.is_some().then(|| RecordedInput::command::<M>(&command));
        self.take(entry, Input::Command(command));
    }

    /// Something has come to pass on a link.
    pub(super) fn event(&mut self, event: Event) {
        match event {
            Event::Up(established) => self.peers.up(established, &self.inbox),
            Event::Down { peer, link } => self.peers.down(peer, link),
            Event::Frames { peer, link, frames } => self.listen(peer, link, &frames),
        }
    }

    /// Hears what came in one read.
    fn listen(&mut self, peer: Peer, link: u64, mut frames: &[u8]) {
        if !self.peers.is_up(peer.node, link) {
            return;
        }
        let mut heard = 0;
        loop {
            match frame::first(frames, self.max_message) {
                Ok(None) => break,
                Ok(Some((frame, rest))) => {
                    frames = rest;
                    match frame {
                        Frame::Message { count, body } => match codec::read(body) {
                            Some(message) => {
                                heard += 1;
                                self.hear(peer, count, message);
                            }
                            // A newer machine may say what ours does not know: lost, like any other.
                            None => self.metrics.count(peer.node, Count::Undecodable, 1),
                        },
                        Frame::Ping => {}
                        Frame::Bye => {
                            self.peers.down(peer.node, link);
                            break;
                        }
                    }
                }
                Err(why) => {
                    tracing::debug!(peer = %peer.node, %why, "link is cut");
                    self.peers.down(peer.node, link);
                    break;
                }
            }
        }
        self.metrics.count(peer.node, Count::Received, heard);
    }

    fn hear(&mut self, peer: Peer, count: u32, message: M::Message) {
        let Peer { node: from, incarnation } = peer;
        let entry = self
            .recorder
            .is_some()
            .then(|| RecordedInput::message::<M>(from, incarnation, count, &message));
        self.take(entry, Input::Message { from, message });
    }

    /// What it said to itself arrives, and deadlines come, after what had
    /// arrived by then: who is late shall not take others for dead.
    pub(super) fn ring(&mut self) {
        let me = Peer { node: self.node.id(), incarnation: self.node.incarnation() };
        for (count, message) in std::mem::take(&mut self.own) {
            self.hear(me, count, message);
        }
        for (wakeup, timer) in self.wakeups.due(self.now) {
            match self.node.expire(&timer, wakeup.arming, self.now) {
                Expiry::Fires => {
                    self.metrics.late(self.now.since(wakeup.at));
                    let entry = self.recorder.is_some().then(|| RecordedInput::timer::<M>(&timer));
                    self.take(entry, Input::Timer(timer));
                }
                Expiry::Again(wakeup) => self.wakeups.set(wakeup, timer),
                Expiry::Nothing => {}
            }
        }
    }

    /// The machine takes an input, what it wants done is prepared, and all is
    /// noted, if it shall be.
    fn take(&mut self, entry: Option<Result<RecordedInput, postcard::Error>>, input: Input<M>) {
        self.metrics.step();
        let mut effects = std::mem::take(&mut self.effects);
        let mut draws = Recorded::new(&mut self.chance, &mut self.drawn);
        self.node.handle(input, self.now, &mut draws, &mut effects);
        if let Some(entry) = entry {
            self.outcome.clear();
            for effect in &effects {
                let outcome = self.prepare(effect);
                self.outcome.push(outcome);
            }
            self.note(entry, &effects);
            let outcome = std::mem::take(&mut self.outcome);
            for (effect, outcome) in effects.drain(..).zip(&outcome) {
                self.conclude(effect, *outcome);
            }
            self.outcome = outcome;
        } else {
            for effect in effects.drain(..) {
                let outcome = self.prepare(&effect);
                self.conclude(effect, outcome);
            }
        }
        self.drawn.clear();
        self.effects = effects;
    }

    /// Does what can only be done with an effect that nobody needs any more.
    #[inline]
    fn conclude(&mut self, effect: Effect<M>, outcome: Outcome) {
        match (effect, outcome) {
            (Effect::Emit(output), _) => self.told.push(output),
            (Effect::Send { to, message }, Outcome::Sent { count, .. }) if to == self.node.id() => {
                self.own.push_back((count, message));
            }
            _ => {}
        }
    }

    /// Does what an effect asks for, as far as it can be done by looking at it.
    #[inline]
    fn prepare(&mut self, effect: &Effect<M>) -> Outcome {
        match effect {
            Effect::Send { to, .. } if *to == self.node.id() => {
                return Outcome::Sent { count: self.peers.count_own(*to), lost: None };
            }
            Effect::Send { to, message } => return self.peers.send(*to, message),
            Effect::Arm { timer, after } => {
                let span = self.chance.span(after);
                if let Some(wakeup) = self.node.arm(timer.clone(), self.now + span) {
                    self.wakeups.set(wakeup, timer.clone());
                }
                return Outcome::Armed { after: nanos(span) };
            }
            Effect::Disarm(timer) => self.node.disarm(timer),
            Effect::Save { cell, value } => self.save(cell, value.as_ref()),
            Effect::Emit(_) => {}
        }
        Outcome::Plain
    }

    fn note(&mut self, entry: Result<RecordedInput, postcard::Error>, effects: &[Effect<M>]) {
        let Some(recorder) = &mut self.recorder else { return };
        let noted = entry.map_err(NodeError::Unserializable).and_then(|entry| {
            let done = effects.iter().zip(self.outcome.iter().copied());
            recorder.step(self.now, &entry, &self.drawn, done).map_err(NodeError::Recording)
        });
        if let Err(failure) = noted {
            self.failure.get_or_insert(failure);
        }
    }

    fn save(&mut self, cell: &M::Cell, value: Option<&M::Saved>) {
        let (mut name, mut held) = (Vec::new(), Vec::new());
        let written = append(&mut name, cell)
            .and_then(|()| value.map(|value| append(&mut held, value)).transpose());
        match written {
            Ok(value) => self.cells.stage(name, value.map(|()| held)),
            Err(error) => {
                self.failure.get_or_insert(NodeError::Unserializable(error));
            }
        }
    }

    /// Makes durable what was saved and noted; only then what was said can be
    /// seen, by peers as soon as their writers run, by the owner at once.
    pub(super) fn settle(&mut self, owner: &mut impl Owner<M>) -> Result<(), NodeError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.flush().map_err(NodeError::Recording)?;
        }
        self.was_saved = self.cells.is_dirty();
        if self.was_saved {
            self.metrics.commit();
            self.cells.commit().map_err(NodeError::Disk)?;
        }
        for output in self.told.drain(..) {
            owner.output(output);
        }
        owner.observe(self.node.machine());
        Ok(())
    }

    pub(super) async fn flush(&mut self) {
        self.peers.flush().await;
    }
}
