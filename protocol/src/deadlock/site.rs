use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Cell, Detector, DetectorInput, Message, Output, Saved, Timer, Verdict};
use crate::election::{self, Election, Elector, Epoch, Role};
use crate::resource::{self, Need, Participant, RequestId, View};
use rehearsal_machine::{Context, Input, Machine, Nested, NodeId, Storage, Time};

/// What an owner asks of its site.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Command {
    /// Ask these for what they have, and wait.
    Request {
        /// Whom, each once.
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

/// A node's party and its detector, and the election of the leader, if there is
/// one of its own. They do not know each other, and meet here.
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
        self.ask_detector(Input::Start(Nested::<Detector>::storage(storage)), cx);
        self.ask_party(Input::Start(Nested::<Participant>::storage(storage)), cx);
        self.ask_election(Input::Start(Nested::<Election>::storage(storage)), cx);
    }

    fn command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        let of_party = match command {
            Command::Request { of, need } => resource::Command::Request { of, need },
            Command::Release => resource::Command::Release,
            Command::Cancel => resource::Command::Cancel,
            Command::Check => return self.ask_detector(Input::Command(DetectorInput::Check), cx),
            Command::Suspect => {
                return self.ask_election(Input::Command(election::Command::Suspect), cx);
            }
            Command::Leader(leader) => return self.follow(leader, cx),
        };
        self.ask_party(Input::Command(of_party), cx);
    }

    /// What it tells is told in its place among its effects; then its detector
    /// is shown what has changed.
    fn ask_party(&mut self, input: Input<Participant>, cx: &mut Context<'_, Self>) {
        for effect in cx.run(&mut self.participant, input) {
            if let Some(output) = cx.adopt(effect) {
                cx.emit(SiteOutput::Participant(output));
            }
        }
        let view = self.participant.machine.view();
        if view != self.seen {
            self.seen = view.clone();
            self.ask_detector(Input::Command(DetectorInput::Look(view)), cx);
        }
    }

    fn ask_detector(&mut self, input: Input<Detector>, cx: &mut Context<'_, Self>) {
        for effect in cx.run(&mut self.detector, input) {
            let Some(output) = cx.adopt(effect) else { continue };
            match &output {
                Output::Finds(verdict) => {
                    self.found.push(verdict.clone());
                    self.own = Some((cx.now(), verdict.clone()));
                    self.latest = Some((cx.now(), cx.me(), verdict.clone()));
                }
                Output::Hears { from, verdict } => {
                    self.latest = Some((cx.now(), *from, verdict.clone()));
                }
                Output::Condemns(request) => {
                    // Not now: what was found is true before anybody gives up.
                    self.condemned = Some(*request);
                    cx.arm(Timer::Abort, Duration::ZERO..=Duration::ZERO);
                    continue;
                }
                _ => {}
            }
            cx.emit(SiteOutput::Detector(output));
        }
    }

    fn abort(&mut self, cx: &mut Context<'_, Self>) {
        let Some(request) = self.condemned.take() else { return };
        let before = self.seen.clone();
        self.ask_party(Input::Command(resource::Command::Abort(request)), cx);
        let gave_up = before.wait.is_some() && self.seen.wait.is_none();
        self.aborted = gave_up.then_some(before);
    }

    fn ask_election(&mut self, input: Input<Election>, cx: &mut Context<'_, Self>) {
        let Some(election) = &mut self.election else { return };
        for output in cx.nest(election, input) {
            cx.emit(SiteOutput::Election(output));
        }
        let leader = election.machine.leader();
        self.follow(leader, cx);
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
            Input::Message { from, message } => match message {
                Message::Participant(message) => {
                    self.ask_detector(Input::Command(DetectorInput::Arrives { from, message }), cx);
                    self.ask_party(Input::Message { from, message }, cx);
                }
                Message::Detector(message) => {
                    self.ask_detector(Input::Message { from, message }, cx);
                }
                Message::Election(message) => {
                    self.ask_election(Input::Message { from, message }, cx);
                }
            },
            Input::Timer(Timer::Participant(timer)) => self.ask_party(Input::Timer(timer), cx),
            Input::Timer(Timer::Detector(timer)) => self.ask_detector(Input::Timer(timer), cx),
            Input::Timer(Timer::Election(timer)) => self.ask_election(Input::Timer(timer), cx),
            Input::Timer(Timer::Abort) => self.abort(cx),
        }
    }
}
