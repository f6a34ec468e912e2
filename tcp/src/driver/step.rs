use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rehearsal_machine::draws::Recorded;
use rehearsal_machine::{Effect, Expiry, Input, Node, NodeId, Storage, Time, nanos};
use tokio::sync::mpsc;

use super::chance::Chance;
use super::peers::Peers;
use super::wakeups::Wakeups;
use super::{BATCH, NodeError, Owner, SMALL_BATCH, Setup};
use crate::RealMachine;
use crate::codec::{self, append};
use crate::disk::Cells;
use crate::link::handshake::Peer;
use crate::link::known_peers::KnownPeers;
use crate::link::{Established, Event};
use crate::metrics::{Count, Metrics};
use crate::recording::{Drawn, Outcome, RecordedInput, Recorder};
use crate::wire::frame::{self, Frame};

/// A node, and everything through which its effects reach the world.
pub(super) struct Driver<M: RealMachine> {
    node: Node<M>,
    /// The time of the current batch, which is one instant to the machine.
    now: Time,
    chance: Chance,
    wakeups: Wakeups<M::Timer>,
    peers: Peers,
    known: Rc<KnownPeers>,
    /// A peer that begins a new life, for which the node must restart.
    new_life: Option<NodeId>,
    cells: Cells,
    metrics: Arc<Metrics>,
    inbox: mpsc::Sender<Event>,
    max_message: u32,
    /// The node's messages to itself that it has not received yet.
    to_self: VecDeque<(u32, M::Message)>,
    /// Outputs for the owner, who gets them once the batch's saves are on the disk.
    outputs: Vec<M::Output>,
    effects: Vec<Effect<M>>,
    recorder: Option<Recorder>,
    /// The draws of the current step, and the outcomes of its effects.
    drawn: Vec<Drawn>,
    outcomes: Vec<Outcome>,
    /// Did the last batch wait for the disk?
    has_saved: bool,
    /// The first error of the current batch, with which the node ends.
    failure: Option<NodeError>,
}

impl<M: RealMachine + 'static> Driver<M> {
    pub(super) fn new(setup: Setup<M>, known: Rc<KnownPeers>, inbox: mpsc::Sender<Event>) -> Self {
        let peers = Peers::new(setup.roster.nodes(), &setup.limits, &setup.metrics);
        Self {
            node: Node::new(setup.me, setup.cells.incarnation(), setup.machine),
            now: crate::now(),
            chance: Chance::new(),
            wakeups: Wakeups::new(),
            peers,
            known,
            new_life: None,
            cells: setup.cells,
            metrics: setup.metrics,
            inbox,
            max_message: setup.limits.max_message,
            to_self: VecDeque::new(),
            outputs: Vec::new(),
            effects: Vec::new(),
            recorder: setup.recorder,
            drawn: Vec::new(),
            outcomes: Vec::new(),
            has_saved: false,
            failure: None,
        }
    }

    /// Handles the first input.
    pub(super) fn start(&mut self, storage: Storage<M>) {
        let entry = self.recorder.is_some().then(|| Ok(RecordedInput::start(self.cells.held())));
        self.handle(entry, Input::Start(storage));
    }

    /// The span until the next deadline may fire.
    pub(super) fn next_wakeup(&self) -> Option<Duration> {
        if !self.to_self.is_empty() {
            return Some(Duration::ZERO);
        }
        self.wakeups.next().map(|at| at.since(crate::now()))
    }

    /// The maximum number of link reads in the next batch.
    pub(super) fn batch(&self) -> usize {
        if self.has_saved { BATCH } else { SMALL_BATCH }
    }

    /// Reads the clock for a new batch.
    pub(super) fn begin_batch(&mut self) {
        self.now = crate::now();
    }

    /// May a deadline fire in this batch?
    pub(super) fn has_due_wakeup(&self) -> bool {
        self.wakeups.next().is_some_and(|at| at <= self.now)
    }

    /// Handles a command of the owner.
    pub(super) fn command(&mut self, command: M::Command) {
        let entry = self.recorder.is_some().then(|| RecordedInput::command::<M>(&command));
        self.handle(entry, Input::Command(command));
    }

    /// Handles an event on a link.
    pub(super) fn event(&mut self, event: Event) {
        match event {
            Event::Up(established) => self.up(established),
            Event::NewLife => self.expect_new_lives(),
            Event::Down { peer, link } => self.down(peer, link),
            Event::Frames { peer, link, frames } => self.frames(peer, link, &frames),
        }
    }

    /// A link is up. The peer's life is on the disk before the first message to it.
    fn up(&mut self, established: Established) {
        let Peer { node, life } = established.peer;
        let known = self.known.up(node, established.address);
        if self.cells.peer(node).is_none_or(|before| before.life != life)
            && let Some(known) = known
        {
            self.cells.stage_peer(node, known);
        }
        // The new link replaces an earlier one, whose end has not been noticed. What the machine
        // sends when it hears of that end is of neither.
        if self.peers.close(node) {
            self.link(node, false);
        }
        self.peers.up(established, &self.inbox);
        self.link(node, true);
    }

    fn down(&mut self, peer: NodeId, link: u64) {
        if self.peers.down(peer, link) {
            self.known.down(peer);
            self.link(peer, false);
        }
    }

    /// Tells the machine that the link to a peer is up or down, if it wants to hear of links.
    fn link(&mut self, peer: NodeId, up: bool) {
        if M::HEARS_LINKS {
            let entry = self.recorder.is_some().then_some(Ok(RecordedInput::Link { peer, up }));
            self.handle(entry, Input::Link { peer, up });
        }
    }

    /// Saves which peers begin a new life, so that the next start forgets the earlier ones.
    fn expect_new_lives(&mut self) {
        for (peer, known) in self.known.with_successor() {
            self.cells.stage_peer(peer, known);
            self.new_life = Some(peer);
        }
    }

    /// The peer for whose new life the node must restart, once a batch has settled.
    pub(super) fn new_life(&self) -> Option<NodeId> {
        self.new_life
    }

    /// Handles the frames of one read.
    fn frames(&mut self, peer: Peer, link: u64, mut frames: &[u8]) {
        if !self.peers.is_up(peer.node, link) {
            return;
        }
        let mut received = 0;
        loop {
            match frame::first(frames, self.max_message) {
                Ok(None) => break,
                Ok(Some((frame, rest))) => {
                    frames = rest;
                    match frame {
                        Frame::Message { count, body } => match codec::read(body) {
                            Some(message) => {
                                received += 1;
                                self.message(peer, count, message);
                            }
                            // A message of a newer version that this machine does not know is lost.
                            None => self.metrics.count(peer.node, Count::Undecodable, 1),
                        },
                        Frame::Ping => {}
                        Frame::Commits(commits) => self.known.hear_commits(peer.node, commits),
                        Frame::Bye => {
                            self.down(peer.node, link);
                            break;
                        }
                    }
                }
                Err(why) => {
                    tracing::debug!(peer = %peer.node, %why, "link closed");
                    self.down(peer.node, link);
                    break;
                }
            }
        }
        self.metrics.count(peer.node, Count::Received, received);
    }

    fn message(&mut self, peer: Peer, count: u32, message: M::Message) {
        let (from, incarnation) = (peer.node, peer.life.incarnation);
        let entry = self
            .recorder
            .is_some()
            .then(|| RecordedInput::message::<M>(from, incarnation, count, &message));
        self.handle(entry, Input::Message { from, message });
    }

    /// Delivers the node's messages to itself, and fires the deadlines that are due. This is the
    /// last part of a batch: a slow node must not suspect its peers while their messages wait.
    pub(super) fn wake_up(&mut self) {
        let me = Peer { node: self.node.id(), life: self.cells.life().id };
        for (count, message) in std::mem::take(&mut self.to_self) {
            self.message(me, count, message);
        }
        for (wakeup, timer) in self.wakeups.take_due(self.now) {
            match self.node.expire(&timer, wakeup.arming, self.now) {
                Expiry::Fires => {
                    self.metrics.late(self.now.since(wakeup.at));
                    let entry = self.recorder.is_some().then(|| RecordedInput::timer::<M>(&timer));
                    self.handle(entry, Input::Timer(timer));
                }
                Expiry::Again(wakeup) => self.wakeups.set(wakeup, timer),
                Expiry::Nothing => {}
            }
        }
    }

    /// Lets the machine handle an input, performs its effects, and records the step if there is a
    /// recorder. `entry` is the input as recorded, or why it cannot be.
    fn handle(&mut self, entry: Option<Result<RecordedInput, postcard::Error>>, input: Input<M>) {
        self.metrics.step();
        let mut effects = std::mem::take(&mut self.effects);
        let mut draws = Recorded::new(&mut self.chance, &mut self.drawn);
        self.node.handle(input, self.now, &mut draws, &mut effects);
        if let Some(entry) = entry {
            self.outcomes.clear();
            for effect in &effects {
                let outcome = self.prepare(effect);
                self.outcomes.push(outcome);
            }
            self.record(entry, &effects);
            let outcomes = std::mem::take(&mut self.outcomes);
            for (effect, outcome) in effects.drain(..).zip(&outcomes) {
                self.conclude(effect, *outcome);
            }
            self.outcomes = outcomes;
        } else {
            for effect in effects.drain(..) {
                let outcome = self.prepare(&effect);
                self.conclude(effect, outcome);
            }
        }
        self.drawn.clear();
        self.effects = effects;
    }

    /// The second part of an effect, which consumes it.
    #[inline]
    fn conclude(&mut self, effect: Effect<M>, outcome: Outcome) {
        match (effect, outcome) {
            (Effect::Emit(output), _) => self.outputs.push(output),
            (Effect::Send { to, message }, Outcome::Sent { count, .. }) if to == self.node.id() => {
                self.to_self.push_back((count, message));
            }
            _ => {}
        }
    }

    /// The first part of an effect, which needs only a reference. What it sends or saves becomes
    /// visible when the batch settles.
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

    fn record(&mut self, entry: Result<RecordedInput, postcard::Error>, effects: &[Effect<M>]) {
        let Some(recorder) = &mut self.recorder else { return };
        let written = entry.map_err(NodeError::Unserializable).and_then(|entry| {
            let done = effects.iter().zip(self.outcomes.iter().copied());
            recorder.step(self.now, &entry, &self.drawn, done).map_err(NodeError::Recording)
        });
        if let Err(failure) = written {
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

    /// Ends a batch: writes the recording and the saves, and then gives the outputs to the owner.
    /// The batch's messages are sent once the writers run.
    pub(super) fn set_commits(&mut self, owner: &mut impl Owner<M>) -> Result<(), NodeError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if let Some(recorder) = &mut self.recorder {
            recorder.flush().map_err(NodeError::Recording)?;
        }
        self.has_saved = self.cells.is_dirty();
        if self.has_saved {
            // What is saved may follow from messages of the peers, and they from these commits.
            for (peer, known) in self.known.take_advanced() {
                self.cells.stage_peer(peer, known);
            }
            self.metrics.commit();
            self.cells.commit().map_err(NodeError::Disk)?;
        }
        self.peers.set_commits(self.cells.commits());
        for output in self.outputs.drain(..) {
            owner.output(output);
        }
        owner.observe(self.node.machine());
        Ok(())
    }

    /// Sends what is in the queues to the peers.
    pub(super) async fn flush(&mut self) {
        self.peers.flush().await;
    }
}
