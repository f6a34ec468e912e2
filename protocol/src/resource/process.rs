use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::request_table::{Asked, RequestTable};
use super::{Cell, Config, Message, Need, Output, Participant, Refusal, RequestId, Saved};
use super::{Timer, Unexpected, View, Wait};
use rehearsal_machine::{Context, NodeId, Storage, Time, mutant};

/// What works, and waits for others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    me: NodeId,
    /// What it asks for when it starts.
    first: (Vec<NodeId>, Need),
    /// The number of the last request.
    number: u64,
    wait: Option<Waiting>,
    /// What it will ask for once more, having given up.
    again: Option<Ask>,
    /// The locks that it holds, each with the number of its request.
    held: BTreeMap<NodeId, u64>,
    pub(super) requests: RequestTable,
    is_working: bool,
    is_shrinking: bool,
}

impl Process {
    pub(super) fn new(me: NodeId, first: (Vec<NodeId>, Need)) -> Self {
        Self {
            me,
            first,
            number: 0,
            wait: None,
            again: None,
            held: BTreeMap::new(),
            requests: RequestTable::default(),
            is_working: false,
            is_shrinking: false,
        }
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.wait.is_some()
    }

    /// Has it asked for anything that it has not got, or will it once more?
    pub(super) fn is_in_need(&self) -> bool {
        self.wait.is_some() || self.again.is_some()
    }

    pub(super) fn waits_under(&self) -> Option<RequestId> {
        self.wait.as_ref().map(|_| RequestId { by: self.me, number: self.number })
    }

    pub(super) fn blocked_since(&self) -> Option<Time> {
        self.wait.as_ref().map(|wait| wait.began)
    }

    pub(super) fn awaited(&self) -> impl Iterator<Item = NodeId> {
        self.wait.iter().flat_map(|wait| wait.open.iter().copied())
    }

    pub(super) fn held(&self) -> impl Iterator<Item = (NodeId, u64)> {
        self.held.iter().map(|(lock, number)| (*lock, *number))
    }

    pub(super) fn view(&self) -> View {
        let ours = |number| RequestId { by: self.me, number };
        let wait = self.wait.as_ref().map(|wait| Wait {
            need: wait.need,
            open: wait.open.iter().map(|of| (*of, ours(self.number))).collect(),
            since: Some(wait.ask.since),
        });
        let pending = self.requests.pending().map(|(by, number)| (by, RequestId { by, number }));
        let held = self.held().map(|(lock, number)| (lock, ours(number)));
        View { wait, pending: pending.chain(held).collect() }
    }

    pub(super) fn start(
        &mut self,
        config: &Config,
        storage: &Storage<Participant>,
        cx: &mut Context<'_, Participant>,
    ) {
        *self = Self::new(self.me, core::mem::take(&mut self.first));
        if let Some(Saved::Number(number)) = storage.get(&Cell::Requests) {
            self.number = *number;
        }
        for (cell, value) in storage {
            if let (Cell::Granted(peer), Saved::Number(number)) = (cell, value) {
                self.requests.restore(*peer, *number);
            }
        }
        let (of, need) = self.first.clone();
        if !of.is_empty() {
            self.request(config, of, need, cx);
        }
    }

    pub(super) fn request(
        &mut self,
        config: &Config,
        of: Vec<NodeId>,
        need: Need,
        cx: &mut Context<'_, Participant>,
    ) {
        match self.admit(config, &of, need) {
            Err(refusal) => cx.emit(Output::Refuses(refusal)),
            Ok(needed) => {
                // What was to be asked for once more gives way to this.
                self.again = None;
                cx.disarm(Timer::Restart);
                self.ask(config, Ask { of, need, since: cx.now() }, needed, cx);
            }
        }
    }

    /// How many grants it would take.
    fn admit(&self, config: &Config, of: &[NodeId], need: Need) -> Result<u32, Refusal> {
        if self.is_blocked() {
            return Err(Refusal::Waiting);
        }
        if config.two_phase && self.is_shrinking {
            return Err(Refusal::Shrinking);
        }
        match of.iter().find(|node| self.held.contains_key(node)) {
            Some(held) => Err(Refusal::Held(*held)),
            None => check(config, self.me, of, need),
        }
    }

    fn ask(&mut self, config: &Config, ask: Ask, need: u32, cx: &mut Context<'_, Participant>) {
        // No node makes 2^64 requests.
        self.number = self.number.saturating_add(1);
        if !mutant!(RequestUnsaved) {
            cx.save(Cell::Requests, Saved::Number(self.number));
        }
        self.rest(cx);
        let Ask { of, need: kind, .. } = &ask;
        cx.emit(Output::Waits { need: *kind, of: of.clone() });
        self.wait = Some(Waiting { need, open: of.clone(), began: cx.now(), ask });
        self.say_again(config, cx);
    }

    /// Says what it waits for to those who have not given it.
    fn say_again(&mut self, config: &Config, cx: &mut Context<'_, Participant>) {
        let Some(wait) = &self.wait else { return };
        cx.send_all(wait.open.iter().copied(), &Message::Request { number: self.number });
        if let Some(after) = config.resend {
            cx.arm(Timer::Resend, after..=after);
        }
    }

    pub(super) fn message(
        &mut self,
        config: &Config,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Participant>,
    ) -> Result<(), Unexpected> {
        match message {
            Message::Request { number } => match self.requests.ask(from, number) {
                Asked::Queued => self.work(config, cx),
                Asked::Again => {}
                Asked::Granted => cx.send(from, Message::Grant { number }),
                Asked::Stale => return Err(Unexpected::StaleRequest(number)),
            },
            Message::Grant { number } => return self.granted(config, from, number, cx),
            Message::Release { number } => return Err(Unexpected::StrayRelease(number)),
            Message::Cancel { number } => {
                if !self.requests.cancel(from, number) {
                    return Err(Unexpected::StaleCancel(number));
                }
            }
        }
        Ok(())
    }

    fn granted(
        &mut self,
        config: &Config,
        from: NodeId,
        number: u64,
        cx: &mut Context<'_, Participant>,
    ) -> Result<(), Unexpected> {
        let is_lock = config.locks.contains(&from);
        if is_lock && self.held.get(&from) == Some(&number) {
            // The lock repeats which node has it.
            return Ok(());
        }
        let wait =
            self.wait.as_mut().filter(|wait| number == self.number && wait.open.contains(&from));
        let Some(wait) = wait else {
            if is_lock {
                cx.send(from, Message::Release { number });
            }
            let is_ours = (1..=self.number).contains(&number);
            return Err(if is_ours {
                Unexpected::LateGrant(number)
            } else {
                Unexpected::UnaskedGrant(number)
            });
        };
        wait.open.retain(|open| *open != from);
        wait.need = wait.need.saturating_sub(1);
        let has_all = wait.need == 0;
        if is_lock {
            self.held.insert(from, number);
        }
        if has_all {
            self.end_wait(cx);
            cx.emit(Output::Works);
            self.work(config, cx);
        }
        Ok(())
    }

    /// What is still open is not wanted any more.
    fn end_wait(&mut self, cx: &mut Context<'_, Participant>) -> Option<Ask> {
        let wait = self.wait.take()?;
        cx.disarm(Timer::Resend);
        cx.send_all(wait.open, &Message::Cancel { number: self.number });
        Some(wait.ask)
    }

    pub(super) fn cancel(&mut self, config: &Config, cx: &mut Context<'_, Participant>) {
        let waited = self.end_wait(cx).is_some();
        let was_to_ask = self.again.take().is_some();
        cx.disarm(Timer::Restart);
        if !waited && !was_to_ask {
            cx.emit(Output::Refuses(Refusal::NotWaiting));
        }
        self.work(config, cx);
    }

    /// Gives up this request, if it is open.
    pub(super) fn abort(
        &mut self,
        config: &Config,
        request: RequestId,
        cx: &mut Context<'_, Participant>,
    ) {
        let open = RequestId { by: self.me, number: self.number };
        if (request != open && !mutant!(AbortsBlindly)) || !self.is_blocked() {
            return;
        }
        cx.emit(Output::Aborts(open));
        self.again = self.end_wait(cx);
        if !mutant!(KeepsWhatItHas) {
            self.give_all(cx);
        }
        cx.arm(Timer::Restart, config.restart.clone());
    }

    pub(super) fn timer(
        &mut self,
        config: &Config,
        timer: Timer,
        cx: &mut Context<'_, Participant>,
    ) {
        match timer {
            Timer::Work => {
                self.is_working = false;
                if !self.is_blocked() {
                    self.release(cx);
                }
            }
            Timer::Resend if mutant!(AsksOnce) => {}
            Timer::Resend => self.say_again(config, cx),
            Timer::Restart => {
                // What it begins anew has given nothing back yet.
                self.is_shrinking = false;
                if let Some(ask) = self.again.take()
                    && let Ok(need) = self.admit(config, &ask.of, ask.need)
                {
                    self.ask(config, ask, need, cx);
                }
            }
        }
    }

    /// Goes on with its work if there is anything to give at its end.
    fn work(&mut self, config: &Config, cx: &mut Context<'_, Participant>) {
        let has_something = self.requests.is_pending() || !self.held.is_empty();
        if let Some(after) = &config.work
            && has_something
            && !self.is_blocked()
            && !self.is_working
        {
            self.is_working = true;
            cx.arm(Timer::Work, after.clone());
        }
    }

    fn rest(&mut self, cx: &mut Context<'_, Participant>) {
        if core::mem::take(&mut self.is_working) {
            cx.disarm(Timer::Work);
        }
    }

    pub(super) fn release(&mut self, cx: &mut Context<'_, Participant>) {
        if self.is_blocked() {
            return cx.emit(Output::Refuses(Refusal::Waiting));
        }
        self.rest(cx);
        cx.emit(Output::Releases);
        self.give_all(cx);
    }

    fn give_all(&mut self, cx: &mut Context<'_, Participant>) {
        self.is_shrinking |= self.requests.is_pending() || !self.held.is_empty();
        while let Some((peer, number)) = self.requests.grant() {
            // Forgotten in a crash, it would seem to be owed while it is on its way.
            if !mutant!(GrantUnsaved) {
                cx.save(Cell::Granted(peer), Saved::Number(number));
            }
            cx.send(peer, Message::Grant { number });
        }
        for (lock, number) in core::mem::take(&mut self.held) {
            cx.send(lock, Message::Release { number });
        }
    }
}

/// What it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    ask: Ask,
    /// How many must still give.
    need: u32,
    /// Who has not, in the order of the request.
    open: Vec<NodeId>,
    /// When it began to wait.
    began: Time,
}

/// What it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ask {
    of: Vec<NodeId>,
    need: Need,
    /// When it did so for the first time.
    since: Time,
}

/// How many grants a request by this node takes, if it can be made at all.
fn check(config: &Config, me: NodeId, of: &[NodeId], need: Need) -> Result<u32, Refusal> {
    let mut seen = BTreeSet::new();
    for node in of {
        if *node == me || node.number() > config.nodes {
            return Err(Refusal::NoSuchResource(*node));
        }
        if !seen.insert(*node) {
            return Err(Refusal::Twice(*node));
        }
    }
    if !config.model.admits(need, of.len()) {
        return Err(Refusal::NotInModel(config.model));
    }
    need.of(of.len()).map_err(|_| Refusal::NoSuchNeed(need))
}
