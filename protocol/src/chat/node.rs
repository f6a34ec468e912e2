use alloc::vec::Vec;

use super::tasks::{Given, OnHand};
use super::window::Window;
use super::{Cell, Command, Content, Line, Message, Output, Refusal, Saved, Task, Timer};
use crate::deadlock::{self, Site, SiteOutput};
use crate::election::{self, Election, Elector, Epoch, Role};
use crate::link::{self, Link, Say};
use crate::ordering::{self, Scripted};
use rehearsal_machine::{Context, Input, Machine, Nested, NodeId, Storage, mutant};

/// What users do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They say what they like.
    Free,
    /// They follow a script.
    Script(Nested<Scripted>),
}

/// What all nodes of a run know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many users there are, numbered from 1.
    pub nodes: u32,
    /// How a message between two is said again.
    pub link: link::Config,
}

/// One user's node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    pub(super) config: Config,
    pub(super) me: NodeId,
    mode: Mode,
    link: Nested<Link<Content>>,
    election: Nested<Election>,
    /// What its user has and needs, if users need anything of each other.
    pub(super) resources: Option<Nested<Site>>,
    /// How many tasks it ever gave.
    pub(super) tasks: u64,
    pub(super) given: Given,
    pub(super) on_hand: OnHand,
    pub(super) window: Window,
    /// How many lines the paper's form of election has told so far.
    told: usize,
}

impl Chat {
    /// User `me`, with this form of election, and what it has and needs, if that
    /// is wanted; it has no election of its own.
    #[must_use]
    pub fn new(
        config: Config,
        me: NodeId,
        mode: Mode,
        election: Election,
        resources: Option<Site>,
    ) -> Self {
        Self {
            config,
            me,
            mode,
            link: Nested::new(Link::new(config.link)),
            election: Nested::new(election),
            resources: resources.map(Nested::new),
            tasks: 0,
            given: Given::default(),
            on_hand: OnHand::default(),
            window: Window::default(),
            told: 0,
        }
    }

    /// Its part that agrees on a leader.
    #[must_use]
    pub fn election(&self) -> &Election {
        &self.election.machine
    }

    /// Its part that has and needs resources, if there are any.
    #[must_use]
    pub fn resources(&self) -> Option<&Site> {
        self.resources.as_ref().map(|site| &site.machine)
    }

    /// Its part that follows a script, if it does.
    #[must_use]
    pub fn scripted(&self) -> Option<&Scripted> {
        match &self.mode {
            Mode::Free => None,
            Mode::Script(scripted) => Some(&scripted.machine),
        }
    }

    /// Its part that carries messages between users.
    #[must_use]
    pub fn link(&self) -> &Link<Content> {
        &self.link.machine
    }

    /// What its user sees, oldest first: the last thousand lines.
    pub fn window(&self) -> impl Iterator<Item = &Line> {
        self.window.lines()
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.tasks = match storage.get(&Cell::Tasks) {
            Some(Saved::Number(number)) => *number,
            _ => 0,
        };
        (self.window, self.told) = (Window::default(), 0);
        self.ask_link(Input::Start(Nested::<Link<Content>>::storage(storage)), cx);
        self.ask_resources(Input::Start(Nested::<Site>::storage(storage)), cx);
        self.ask_election(Input::Start(Nested::<Election>::storage(storage)), cx);
        self.ask_script(Input::Start(Nested::<Scripted>::storage(storage)), cx);
        self.take_up_tasks(storage, cx);
    }

    fn command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        match command {
            Command::Say { .. } | Command::Assign { .. } if self.mode != Mode::Free => {
                self.tell(Output::Refuses(Refusal::Scripted), cx);
            }
            Command::Say { to, .. } | Command::Assign { to, .. } if !self.is_peer(to) => {
                self.tell(Output::Refuses(Refusal::NoSuchPeer(to)), cx);
            }
            Command::Say { to, text } => self.say(to, Content::Text(text), cx),
            Command::Assign { .. } if self.role() != Role::Leads => {
                self.tell(Output::Refuses(Refusal::NotLeader), cx);
            }
            Command::Assign { to, what } => self.assign(to, what, cx),
            Command::Finish => match self.on_hand.finish() {
                Some(&Task { by, number, .. }) => self.say(by, Content::Done { number }, cx),
                None => self.tell(Output::Refuses(Refusal::NoTask), cx),
            },
            Command::Suspect => {
                self.ask_election(Input::Command(election::Command::Suspect), cx);
            }
            Command::Resources(command) => self.command_resources(command, cx),
        }
    }

    fn is_peer(&self, node: NodeId) -> bool {
        node != self.me && node.number() <= self.config.nodes
    }

    pub(super) fn say(&mut self, to: NodeId, content: Content, cx: &mut Context<'_, Self>) {
        self.ask_link(Input::Command(Say { to, content }), cx);
    }

    /// What the link tells is acted upon in its place among the link's effects:
    /// a user is told of a message before it is acknowledged.
    fn ask_link(&mut self, input: Input<Link<Content>>, cx: &mut Context<'_, Self>) {
        let effects: Vec<_> = cx.run(&mut self.link, input).collect();
        for effect in effects {
            match cx.adopt(effect) {
                None => {}
                Some(link::Output::Delivered { from, number, content }) => {
                    self.hear(from, number, content, cx);
                }
                Some(link::Output::GivenUp { to, content }) => self.give_up(to, content, cx),
                Some(link::Output::Acknowledged { to, content }) => match content {
                    Content::Text(_) => {}
                    Content::Task { number, .. } => self.given.note_delivery(number, to),
                    Content::Done { number } => {
                        self.on_hand.settle(to, number);
                        cx.erase(Cell::OnHand(to, number));
                    }
                },
            }
        }
    }

    fn hear(&mut self, from: NodeId, number: u64, content: Content, cx: &mut Context<'_, Self>) {
        match content {
            Content::Text(text) => self.tell(Output::Hears { from, number, text }, cx),
            Content::Task { number, what } => {
                let task = Task { by: from, number, what };
                if self.on_hand.take(task.clone()) {
                    cx.save(Cell::OnHand(from, task.number), Saved::Text(task.what.clone()));
                    self.tell(Output::Works { task }, cx);
                }
            }
            Content::Done { number } => {
                if let Some(task) = self.given.finish(number, from) {
                    cx.erase(Cell::Given(number));
                    self.tell(Output::Done { task, by: from }, cx);
                }
            }
        }
    }

    /// A user does not answer. If it is the leader, another one is needed.
    fn give_up(&mut self, to: NodeId, content: Content, cx: &mut Context<'_, Self>) {
        let ungiven = match content {
            Content::Task { number, .. } => Some(number),
            Content::Text(_) => None,
            Content::Done { number } => {
                self.on_hand.take_back(to, number);
                None
            }
        };
        self.tell(Output::Undelivered { to, content }, cx);
        if self.leader() == Some(to) && !mutant!(NobodyNotices) {
            self.ask_election(Input::Command(election::Command::Suspect), cx);
        }
        self.hand_on(to, ungiven, cx);
    }

    fn ask_election(&mut self, input: Input<Election>, cx: &mut Context<'_, Self>) {
        let outputs = cx.nest(&mut self.election, input);
        let lines = match &self.election.machine {
            Election::Bully(bully) => bully.machine.lines_from(self.told),
            _ => &[],
        };
        self.told += lines.len();
        let has_window = !lines.is_empty();
        for line in lines {
            self.window.push(Line::Election(*line));
        }
        for output in outputs {
            if has_window {
                cx.emit(Output::Election(output));
            } else {
                self.tell(Output::Election(output), cx);
            }
        }
        self.tell_leader(cx);
    }

    fn ask_script(&mut self, input: Input<Scripted>, cx: &mut Context<'_, Self>) {
        let Mode::Script(scripted) = &mut self.mode else { return };
        for ordering::Line { number, from, text } in cx.nest(scripted, input) {
            self.tell(Output::Hears { from, number: number.get().into(), text }, cx);
        }
    }

    pub(super) fn tell(&mut self, output: Output, cx: &mut Context<'_, Self>) {
        self.window.push(Line::Told(output.clone()));
        cx.emit(output);
    }
}

impl Elector for Chat {
    fn leader(&self) -> Option<NodeId> {
        self.election.machine.leader()
    }

    fn role(&self) -> Role {
        self.election.machine.role()
    }

    fn epoch(&self) -> Option<Epoch> {
        self.election.machine.epoch()
    }
}

impl Machine for Chat {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(command) => self.command(command, cx),
            Input::Message { from, message } => match message {
                Message::Link(message) => self.ask_link(Input::Message { from, message }, cx),
                Message::Election(message) => {
                    self.ask_election(Input::Message { from, message }, cx);
                }
                Message::Script(message) => self.ask_script(Input::Message { from, message }, cx),
                Message::Resources(message) => {
                    self.ask_resources(Input::Message { from, message }, cx);
                }
            },
            Input::Timer(Timer::Link(timer)) => self.ask_link(Input::Timer(timer), cx),
            Input::Timer(Timer::Election(timer)) => self.ask_election(Input::Timer(timer), cx),
            Input::Timer(Timer::Script(timer)) => self.ask_script(Input::Timer(timer), cx),
            Input::Timer(Timer::Resources(timer)) => self.ask_resources(Input::Timer(timer), cx),
        }
    }
}

impl Chat {
    pub(super) fn command_resources(
        &mut self,
        command: deadlock::Command,
        cx: &mut Context<'_, Self>,
    ) {
        if self.resources.is_none() {
            return self.tell(Output::Refuses(Refusal::NoResources), cx);
        }
        match command {
            deadlock::Command::Leader(_) | deadlock::Command::Suspect => {
                self.tell(Output::Refuses(Refusal::NotTheirs), cx);
            }
            command => self.ask_resources(Input::Command(command), cx),
        }
    }

    /// Its detector may work at the leader.
    pub(super) fn tell_leader(&mut self, cx: &mut Context<'_, Self>) {
        let leader = deadlock::Command::Leader(self.leader());
        self.ask_resources(Input::Command(leader), cx);
    }

    pub(super) fn ask_resources(&mut self, input: Input<Site>, cx: &mut Context<'_, Self>) {
        let Some(site) = &mut self.resources else { return };
        let effects: Vec<_> = cx.run(site, input).collect();
        for effect in effects {
            let Some(told) = cx.adopt(effect) else { continue };
            match &told {
                SiteOutput::Detector(deadlock::Output::Finds(verdict)) => {
                    self.window.push_verdict(cx.me(), verdict.clone());
                }
                SiteOutput::Detector(deadlock::Output::Hears { from, verdict }) => {
                    self.window.push_verdict(*from, verdict.clone());
                }
                _ => self.window.push(Line::Told(Output::Resources(told.clone()))),
            }
            cx.emit(Output::Resources(told));
        }
    }
}
