use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Detector, DetectorInput, Output, Verdict};
use crate::election::{self, Election, Elector, Epoch, Role};
use crate::resource::{self, Need, Participant, RequestId, View};
use rehearsal_machine::{
    Context, Embeds as _, Input, Machine, Nested, NodeId, Storage, Time, compose,
};

/// What an owner can ask of its site.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Ask these for what they have, and wait.
    Request {
        /// The nodes, each once.
        of: Vec<NodeId>,
        /// How many of them must give.
        #[serde(default)]
        need: Need,
    },
    /// Be done with the work, and give everything back.
    Release,
    /// Wait no longer.
    Cancel,
    /// Look for a deadlock now.
    Check,
    /// The leader seems to be gone.
    Suspect,
    /// This one leads, as an owner knows that has an election of its own.
    Leader(Option<NodeId>),
}

/// What a site tells its owner.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SiteOutput {
    /// Of requests.
    Participant(resource::Output),
    /// Of deadlocks.
    Detector(Output),
    /// Of an election.
    Election(election::Output),
}

impl fmt::Display for SiteOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(output) => output.fmt(f),
            Self::Detector(output) => output.fmt(f),
            Self::Election(output) => output.fmt(f),
        }
    }
}

/// What runs on a node: a participant, a detector, and, optionally, an election of
/// the leader. These parts do not know each other; they meet here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    participant: Nested<Participant>,
    detector: Nested<Detector>,
    election: Option<Nested<Election>>,
    /// What the detector knows.
    seen: View,
    leader: Option<NodeId>,
    /// What is to be given up.
    condemned: Option<RequestId>,
    /// What the detector has found with the last input.
    found: Vec<Verdict>,
    /// What it knew before it gave up, if it did with the last input.
    aborted: Option<View>,
    /// The latest that its detector has found, and when.
    own: Option<(Time, Verdict)>,
    /// The latest that it knows of, since when, and whose it is.
    latest: Option<(Time, NodeId, Verdict)>,
}

compose! {
    parts of Site {
        /// Of requests.
        Participant(Participant) => ask_participant,
        /// Of the detector.
        Detector(Detector) => ask_detector,
        /// Of the election.
        Election(Election) => ask_election,
    }

    /// What sites say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub message Message { .. }

    /// Names of deadlines.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub timer Timer {
        ..,
        /// Give up the request of the victim that the detector has named.
        Abort,
    }

    /// Names of durable cells.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub cell Cell { .. }

    /// What cells hold.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub saved Saved { .. }
}

impl Site {
    /// Of these parts; without an election its owner says who leads.
    #[must_use]
    pub fn new(participant: Participant, detector: Detector, election: Option<Election>) -> Self {
        Self {
            participant: Nested::new(participant),
            detector: Nested::new(detector),
            election: election.map(Nested::new),
            seen: View::default(),
            leader: None,
            condemned: None,
            found: Vec::new(),
            aborted: None,
            own: None,
            latest: None,
        }
    }

    /// Its part that asks and gives.
    #[must_use]
    pub fn participant(&self) -> &Participant {
        &self.participant.machine
    }

    /// Its part that looks for deadlocks.
    #[must_use]
    pub fn detector(&self) -> &Detector {
        &self.detector.machine
    }

    /// Its part that agrees on a leader, if it has one.
    #[must_use]
    pub fn election(&self) -> Option<&Election> {
        self.election.as_ref().map(|election| &election.machine)
    }

    /// What its detector has found with the last input.
    #[must_use]
    pub fn found(&self) -> &[Verdict] {
        &self.found
    }

    /// What its party knew right before it gave up, if it did with the last input.
    #[must_use]
    pub fn aborted(&self) -> Option<&View> {
        self.aborted.as_ref()
    }

    /// The latest that its detector has found in this life.
    #[must_use]
    pub fn own(&self) -> Option<&Verdict> {
        self.own.as_ref().map(|(_, verdict)| verdict)
    }

    /// The latest verdict that it knows of in this life, and whose it is.
    #[must_use]
    pub fn latest(&self) -> Option<(NodeId, &Verdict)> {
        self.latest.as_ref().map(|(_, by, verdict)| (*by, verdict))
    }

    /// Is this node deadlocked by the latest verdict that it has found itself, or
    /// by the latest that it knows of, since that instant on its own clock?
    #[must_use]
    pub fn names(&self, node: NodeId, since: Time) -> bool {
        let own = self.own.as_ref().map(|(at, verdict)| (*at, verdict));
        let latest = self.latest.as_ref().map(|(at, _, verdict)| (*at, verdict));
        own.into_iter()
            .chain(latest)
            .any(|(at, verdict)| at >= since && verdict.diagnosis.deadlocked.contains(&node))
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        (self.seen, self.leader, self.condemned) = (View::default(), None, None);
        (self.own, self.latest) = (None, None);
        self.ask_detector(Self::start_input(storage), cx);
        self.ask_participant(Self::start_input(storage), cx);
        self.ask_election(Self::start_input(storage), cx);
    }

    fn command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        let of_participant = match command {
            Command::Request { of, need } => resource::Command::Request { of, need },
            Command::Release => resource::Command::Release,
            Command::Cancel => resource::Command::Cancel,
            Command::Check => return self.ask_detector(Input::Command(DetectorInput::Check), cx),
            Command::Suspect => {
                return self.ask_election(Input::Command(election::Command::Suspect), cx);
            }
            Command::Leader(leader) => return self.follow(leader, cx),
        };
        self.ask_participant(Input::Command(of_participant), cx);
    }

    /// After the participant has taken an input, the detector is shown what has
    /// changed.
    fn ask_participant(&mut self, input: Input<Participant>, cx: &mut Context<'_, Self>) {
        cx.nest(
            self,
            |site| Some(&mut site.participant),
            input,
            |_, output, cx| cx.emit(SiteOutput::Participant(output)),
        );
        let view = self.participant.machine.view();
        if view != self.seen {
            if view.request() != self.seen.request() {
                self.forget_own_wait(cx.me());
            }
            self.seen = view.clone();
            self.ask_detector(Input::Command(DetectorInput::Look(view)), cx);
        }
    }

    fn ask_detector(&mut self, input: Input<Detector>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |site| Some(&mut site.detector), input, Self::on_detector);
    }

    fn on_detector(&mut self, output: Output, cx: &mut Context<'_, Self>) {
        match &output {
            Output::Finds(verdict) => {
                self.found.push(verdict.clone());
                self.own = Some((cx.now(), verdict.clone()));
                self.latest = Some((cx.now(), cx.me(), verdict.clone()));
            }
            Output::Hears { from, verdict } => {
                self.latest = Some((cx.now(), *from, verdict.clone()));
            }
            Output::Withdraws => self.withdraw(cx.me()),
            Output::Condemns(request) => {
                // Not now: the verdict is true only before a node gives up.
                self.condemned = Some(*request);
                return cx.arm(Timer::Abort, Duration::ZERO..=Duration::ZERO);
            }
            _ => {}
        }
        cx.emit(SiteOutput::Detector(output));
    }

    /// The wait is over that a node without a leader has found to be part of a deadlock.
    fn forget_own_wait(&mut self, me: NodeId) {
        if self.own().is_some_and(|verdict| verdict.is_of_one(me)) {
            self.withdraw(me);
        }
    }

    fn withdraw(&mut self, me: NodeId) {
        self.own = None;
        self.latest = self.latest.take().filter(|(_, by, _)| *by != me);
    }

    fn abort(&mut self, cx: &mut Context<'_, Self>) {
        let Some(request) = self.condemned.take() else { return };
        let before = self.seen.clone();
        self.ask_participant(Input::Command(resource::Command::Abort(request)), cx);
        let gave_up = before.wait.is_some() && self.seen.wait.is_none();
        self.aborted = gave_up.then_some(before);
    }

    fn ask_election(&mut self, input: Input<Election>, cx: &mut Context<'_, Self>) {
        // All outputs after all effects: recorded runs have this order.
        let mut outputs = Vec::new();
        cx.nest(self, |site| site.election.as_mut(), input, |_, output, _| outputs.push(output));
        for output in outputs {
            cx.emit(SiteOutput::Election(output));
        }
        if let Some(leader) = self.election().map(Elector::leader) {
            self.follow(leader, cx);
        }
    }

    fn follow(&mut self, leader: Option<NodeId>, cx: &mut Context<'_, Self>) {
        if leader != self.leader {
            self.leader = leader;
            self.ask_detector(Input::Command(DetectorInput::Leader(leader)), cx);
        }
    }
}

impl Elector for Site {
    fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    fn role(&self) -> Role {
        self.election().map_or(Role::Apart, Elector::role)
    }

    fn epoch(&self) -> Option<Epoch> {
        self.election().and_then(Elector::epoch)
    }
}

impl Machine for Site {
    type Message = Message;
    type Command = Command;
    type Output = SiteOutput;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        self.found.clear();
        self.aborted = None;
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(command) => self.command(command, cx),
            Input::Message { from, message: Message::Participant(message) } => {
                let arrives = DetectorInput::Arrives { from, message };
                self.ask_detector(Input::Command(arrives), cx);
                self.ask_participant(Input::Message { from, message }, cx);
            }
            Input::Timer(Timer::Abort) => self.abort(cx),
            input => self.route(input, cx),
        }
    }
}
