use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::conversation::{self, Conversation, Event};
use super::said::{Fate, Said, SaidLast};
use super::tasks::{Given, OnHand};
use super::window::Window;
use super::{Command, Content, Line, Output, Refusal, Task};
use crate::deadlock::{self, Site, SiteOutput};
use crate::election::{self, Election, Elector, Epoch, Role};
use crate::link::Say;
use crate::link::stop_and_wait::{self as link, StopAndWait};
use crate::ordering::scripted::{self, Scripted};
use rehearsal_machine::{
    Context, Embeds as _, Input, Machine, Message as _, Nested, NodeId, Storage, compose, mutant,
};

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
    link: Nested<StopAndWait<Content>>,
    election: Nested<Election>,
    /// What its user has and needs, if users need anything of each other.
    pub(super) resources: Option<Nested<Site>>,
    /// What users say to each other, if they keep an order.
    conversation: Option<Nested<Conversation>>,
    /// How many tasks it ever gave.
    pub(super) tasks: u64,
    pub(super) given: Given,
    pub(super) on_hand: OnHand,
    pub(super) window: Window,
    said: SaidLast,
    /// How many lines the paper's form of election has told so far.
    told: usize,
}

compose! {
    parts of Chat {
        /// Of the links between users.
        Link(StopAndWait<Content>) => ask_link { kind: link_kind, saved: Number },
        /// Of the script that users follow.
        Script(Scripted) => ask_script { saved: Text },
        /// Of the election.
        Election(Election) => ask_election,
        /// Of resources and of the detection of deadlocks.
        Resources(Site) => ask_resources,
        /// Of what users say in an order.
        Conversation(Conversation) => ask_conversation,
    }

    /// What nodes say to each other.
    #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
    pub message Message { .. }

    /// Names of deadlines.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub timer Timer { .. }

    /// Names of durable cells.
    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub cell Cell {
        /// The number of the last task that this node gave.
        Tasks,
        /// A task of this number that this node gave and that is not done.
        Given(u64),
        /// A task of this number that this node is to do for another one.
        OnHand(NodeId, u64),
        ..
    }

    /// What cells hold.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    pub saved Saved {
        /// A number.
        Number(u64),
        /// The text of a message of the script, or of a task.
        Text(Arc<str>),
        /// The node that is to do a task, and the task's text.
        Given(NodeId, Arc<str>),
        ..
    }
}

/// Tasks are told apart from texts, so that scenarios can name them.
fn link_kind(message: &link::Message<Content>) -> &'static str {
    match message {
        link::Message::Data { content: Content::Task { .. }, .. } => "task",
        link::Message::Data { content: Content::Done { .. }, .. } => "done",
        message => message.kind(),
    }
}

impl Chat {
    /// User `me`, with this form of election.
    #[must_use]
    pub fn new(config: Config, me: NodeId, mode: Mode, election: Election) -> Self {
        Self {
            config,
            me,
            mode,
            link: Nested::new(StopAndWait::new(config.link)),
            election: Nested::new(election),
            resources: None,
            conversation: None,
            tasks: 0,
            given: Given::default(),
            on_hand: OnHand::default(),
            window: Window::default(),
            said: SaidLast::default(),
            told: 0,
        }
    }

    /// The same user with what it has and needs; that part has no election of its own.
    #[must_use]
    pub fn with_resources(self, resources: Site) -> Self {
        Self { resources: Some(Nested::new(resources)), ..self }
    }

    /// The same user, who says what it says to others in the order of this conversation,
    /// and not over the link that gives up.
    #[must_use]
    pub fn with_conversation(self, conversation: Conversation) -> Self {
        Self { conversation: Some(Nested::new(conversation)), ..self }
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

    /// Its part that keeps what users say in an order, if there is one.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation> {
        self.conversation.as_ref().map(|conversation| &conversation.machine)
    }

    /// Its part that follows a script, if it does.
    #[must_use]
    pub fn scripted(&self) -> Option<&Scripted> {
        match &self.mode {
            Mode::Free => None,
            Mode::Script(scripted) => Some(&scripted.machine),
        }
    }

    /// Its part that carries tasks, and texts where no order is kept.
    #[must_use]
    pub fn link(&self) -> &StopAndWait<Content> {
        &self.link.machine
    }

    /// What its user sees, oldest first: the last thousand lines.
    pub fn window(&self) -> impl Iterator<Item = &Line> {
        self.window.lines()
    }

    /// What its user said to others over the link in this life, the oldest first: the last fifty.
    pub fn said(&self) -> impl Iterator<Item = &Said> {
        self.said.iter()
    }

    /// The tasks that it has to do, the oldest first.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.on_hand.todo()
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        self.tasks = match storage.get(&Cell::Tasks) {
            Some(Saved::Number(number)) => *number,
            _ => 0,
        };
        (self.window, self.told) = (Window::default(), 0);
        self.said = SaidLast::default();
        self.ask_conversation(Self::start_input(storage), cx);
        if let Some(conversation) = &self.conversation {
            conversation
                .machine
                .history()
                .for_each(|it| self.window.push(Line::Remark(it.clone())));
        }
        self.ask_link(Self::start_input(storage), cx);
        self.ask_resources(Self::start_input(storage), cx);
        self.ask_election(Self::start_input(storage), cx);
        self.ask_script(Self::start_input(storage), cx);
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
            Command::Say { to, text } if self.conversation.is_some() => {
                self.converse(conversation::Command::Say { to, text }, cx);
            }
            Command::Say { to, text } => {
                self.said.push(to, text.clone());
                self.say(to, Content::Text(text), cx);
            }
            Command::SayIn { group, text } => {
                self.converse(conversation::Command::SayIn { group, text }, cx);
            }
            Command::Join(group) => self.converse(conversation::Command::Join(group), cx),
            Command::Leave(group) => self.converse(conversation::Command::Leave(group), cx),
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

    fn ask_link(&mut self, input: Input<StopAndWait<Content>>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |chat| Some(&mut chat.link), input, Self::on_link);
    }

    fn on_link(&mut self, output: link::Output<Content>, cx: &mut Context<'_, Self>) {
        match output {
            link::Output::Delivered { from, number, content } => {
                self.hear(from, number, content, cx);
            }
            link::Output::GivenUp { to, content } => self.give_up(to, content, cx),
            link::Output::Acknowledged { to, content } => match content {
                Content::Text(text) => self.said.settle(to, &text, Fate::Heard),
                Content::Task { number, .. } => self.given.note_delivery(number, to),
                Content::Done { number } => {
                    self.on_hand.settle(to, number);
                    cx.erase(Cell::OnHand(to, number));
                }
            },
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
            Content::Text(ref text) => {
                self.said.settle(to, text, Fate::GivenUp);
                None
            }
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

    /// Says it in the order, or refuses it if there is none.
    fn converse(&mut self, command: conversation::Command, cx: &mut Context<'_, Self>) {
        if self.conversation.is_none() {
            return self.tell(Output::Refuses(Refusal::NoOrder), cx);
        }
        self.ask_conversation(Input::Command(command), cx);
    }

    fn ask_conversation(&mut self, input: Input<Conversation>, cx: &mut Context<'_, Self>) {
        cx.nest(self, |chat| chat.conversation.as_mut(), input, Self::on_conversation);
    }

    fn on_conversation(&mut self, output: conversation::Output, cx: &mut Context<'_, Self>) {
        match &output {
            conversation::Output::Happened(Event::Shown(remark)) => {
                self.window.push(Line::Remark(remark.clone()));
            }
            conversation::Output::Refused(_) | conversation::Output::OtherSettings { .. } => {
                self.window.push(Line::Told(Output::Conversation(output.clone())));
            }
            // What is recalled and shown is in the history, with which the window begins.
            conversation::Output::Happened(Event::Sent { .. } | Event::Hidden(_))
            | conversation::Output::Recalled(_) => {}
        }
        cx.emit(Output::Conversation(output));
    }

    fn ask_election(&mut self, input: Input<Election>, cx: &mut Context<'_, Self>) {
        // The window shows what the election did before what it told, so all
        // outputs are acted on after all effects.
        let mut outputs = Vec::new();
        cx.nest(self, |chat| Some(&mut chat.election), input, |_, output, _| outputs.push(output));
        let lines = match &self.election.machine {
            Election::Bully(bully) => bully.machine.lines_from(self.told),
            _ => &[],
        };
        self.told += lines.len();
        let has_window = !lines.is_empty();
        for line in lines {
            self.window.push(Line::Election(*line));
        }
        let epoch = outputs.iter().filter_map(election::Output::new_epoch).next_back();
        for output in outputs {
            if has_window {
                cx.emit(Output::Election(output));
            } else {
                self.tell(Output::Election(output), cx);
            }
        }
        self.tell_leader(cx);
        if let Some(epoch) = epoch {
            self.ask_conversation(Input::Command(conversation::Command::Follow(epoch)), cx);
        }
    }

    fn ask_script(&mut self, input: Input<Scripted>, cx: &mut Context<'_, Self>) {
        // All lines after all effects: the acknowledgement of a line comes before
        // the line in every recorded run.
        let mut lines = Vec::new();
        cx.nest(self, Self::script, input, |_, line, _| lines.push(line));
        for scripted::Line { number, from, text } in lines {
            self.tell(Output::Hears { from, number: number.get().into(), text }, cx);
        }
    }

    fn script(&mut self) -> Option<&mut Nested<Scripted>> {
        match &mut self.mode {
            Mode::Free => None,
            Mode::Script(scripted) => Some(scripted),
        }
    }

    fn command_resources(&mut self, command: deadlock::Command, cx: &mut Context<'_, Self>) {
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
    fn tell_leader(&mut self, cx: &mut Context<'_, Self>) {
        let leader = deadlock::Command::Leader(self.leader());
        self.ask_resources(Input::Command(leader), cx);
    }

    fn ask_resources(&mut self, input: Input<Site>, cx: &mut Context<'_, Self>) {
        cx.nest(
            self,
            |chat| chat.resources.as_mut(),
            input,
            |chat, told, cx| {
                match &told {
                    SiteOutput::Detector(deadlock::Output::Finds(verdict)) => {
                        chat.window.push_verdict(cx.me(), verdict.clone());
                    }
                    SiteOutput::Detector(deadlock::Output::Hears { from, verdict }) => {
                        chat.window.push_verdict(*from, verdict.clone());
                    }
                    _ => chat.window.push(Line::Told(Output::Resources(told.clone()))),
                }
                cx.emit(Output::Resources(told));
            },
        );
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
            input => self.route(input, cx),
        }
    }
}
