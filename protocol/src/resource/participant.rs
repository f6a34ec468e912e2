use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lock::Lock;
use super::process::Process;
use super::{Cell, Command, Config, Message, Need, Output, Refusal, RequestId, Saved, Unexpected};
use super::{Timer, View};
use rehearsal_machine::{Context, Input, Machine, NodeId, Time, mutant};

/// A node with a resource, which may need the resources of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    config: Arc<Config>,
    me: NodeId,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Process(Process),
    Lock(Lock),
}

impl Participant {
    /// Node `me`, a process or a lock as the configuration says. A process requests
    /// `first` when it starts, if that names any nodes.
    #[must_use]
    pub fn new(config: Arc<Config>, me: NodeId, first: (Vec<NodeId>, Need)) -> Self {
        let kind = if config.locks.contains(&me) {
            Kind::Lock(Lock::default())
        } else {
            Kind::Process(Process::new(me, first))
        };
        Self { config, me, kind }
    }

    /// The configuration of all nodes.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The id of the node.
    #[must_use]
    pub fn me(&self) -> NodeId {
        self.me
    }

    /// What it knows of the wait-for graph.
    #[must_use]
    pub fn view(&self) -> View {
        match &self.kind {
            Kind::Process(process) => process.view(),
            Kind::Lock(lock) => lock.view(),
        }
    }

    /// Whether it is a process that still needs grants: it waits, or it has given up
    /// and will ask again.
    #[must_use]
    pub fn is_in_need(&self) -> bool {
        match &self.kind {
            Kind::Process(process) => process.is_in_need(),
            Kind::Lock(_) => false,
        }
    }

    /// The request under which it waits, if it does. A lock that is lent waits
    /// under the request of its holder.
    #[must_use]
    pub fn waits_under(&self) -> Option<RequestId> {
        match &self.kind {
            Kind::Process(process) => process.waits_under(),
            Kind::Lock(lock) => lock.lent(),
        }
    }

    /// Since when it waits, by its own clock, if it does.
    #[must_use]
    pub fn blocked_since(&self) -> Option<Time> {
        match &self.kind {
            Kind::Process(process) => process.blocked_since(),
            Kind::Lock(lock) => lock.blocked_since(),
        }
    }

    /// The nodes for which it waits and that have granted nothing yet.
    pub fn awaited(&self) -> impl Iterator<Item = NodeId> {
        let (process, lock) = match &self.kind {
            Kind::Process(process) => (Some(process), None),
            Kind::Lock(lock) => (None, lock.lent()),
        };
        let of_process = process.into_iter().flat_map(Process::awaited);
        of_process.chain(lock.map(|request| request.by))
    }

    /// The locks that it holds, each with the number of the request by which it
    /// has it.
    pub fn held(&self) -> impl Iterator<Item = (NodeId, u64)> {
        let process = match &self.kind {
            Kind::Process(process) => Some(process),
            Kind::Lock(_) => None,
        };
        process.into_iter().flat_map(Process::held)
    }

    /// The request by which it is lent, if it is a lock.
    #[must_use]
    pub fn lent(&self) -> Option<RequestId> {
        match &self.kind {
            Kind::Process(_) => None,
            Kind::Lock(lock) => lock.lent(),
        }
    }

    /// Whether it has granted this request, or knows that it is over. One that
    /// is on its way to us is neither.
    #[must_use]
    pub fn has_answered(&self, request: RequestId) -> bool {
        match &self.kind {
            Kind::Process(process) => process.requests.has_answered(request.by, request.number),
            Kind::Lock(lock) => lock.requests.has_answered(request.by, request.number),
        }
    }

    fn command(&mut self, command: Command, cx: &mut Context<'_, Self>) {
        let Kind::Process(process) = &mut self.kind else {
            return cx.emit(Output::Refuses(Refusal::Lock));
        };
        let config = &self.config;
        match command {
            Command::Request { of, need } => process.request(config, of, need, cx),
            Command::Release => process.release(cx),
            Command::Cancel => process.cancel(config, cx),
            Command::Abort(request) => process.abort(config, request, cx),
        }
    }

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if from == cx.me() || from.number() > self.config.nodes {
            return cx.emit(Output::Ignores { from, what: Unexpected::Stranger });
        }
        let unexpected = match &mut self.kind {
            Kind::Process(process) => process.message(&self.config, from, message, cx),
            Kind::Lock(lock) => lock.message(&self.config, from, message, cx),
        };
        if let Err(what) = unexpected {
            cx.emit(Output::Ignores { from, what });
        }
    }

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match (&mut self.kind, timer) {
            (Kind::Process(process), timer) => process.timer(&self.config, timer, cx),
            (Kind::Lock(_), Timer::Resend) if mutant!(LentInSilence) => {}
            (Kind::Lock(lock), Timer::Resend) => lock.say_again(&self.config, cx),
            (Kind::Lock(_), Timer::Work | Timer::Restart) => {}
        }
    }
}

impl Machine for Participant {
    type Message = Message;
    type Command = Command;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = Saved;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => match &mut self.kind {
                Kind::Process(process) => process.start(&self.config, &storage, cx),
                Kind::Lock(lock) => lock.start(&self.config, &storage, cx),
            },
            Input::Command(command) => self.command(command, cx),
            Input::Message { from, message } => self.message(from, message, cx),
            Input::Timer(timer) => self.timer(timer, cx),
            Input::Link { .. } => {}
        }
    }
}
