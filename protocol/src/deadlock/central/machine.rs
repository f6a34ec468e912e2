use alloc::vec::Vec;

use super::collector::{Collect, targets};
use super::{Account, Cell, Form, Message, Rules, Timer};
use crate::deadlock::heard::Heard;
use crate::deadlock::leading::{Lead, Leading};
use crate::deadlock::reports;
use crate::deadlock::victims::announce;
use crate::deadlock::{Notice, Output, Refusal, Stray};
use crate::resource::View;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// One node of those that a leader asks what they wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Central {
    rules: Rules,
    me: NodeId,
    view: View,
    leading: Leading,
    /// The number of our last collect.
    collects: u64,
    collect: Option<Collect>,
    heard: Heard,
}

impl Central {
    /// Node `me`, which leads nobody yet.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId) -> Self {
        Self {
            rules,
            me,
            view: View::default(),
            leading: Leading::default(),
            collects: 0,
            collect: None,
            heard: Heard::default(),
        }
    }

    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.rules, self.me);
        self.collects = storage.get(&Cell::Collects).copied().unwrap_or(0);
    }

    fn notice(&mut self, notice: Notice, cx: &mut Context<'_, Self>) {
        match notice {
            Notice::Look(view) => self.view = view,
            Notice::Arrives { .. } => {}
            Notice::Leader(leader) => self.follow(leader, cx),
            Notice::Check if self.leading.is_leader() => self.begin(None, cx),
            Notice::Check => cx.emit(Output::Refuses(Refusal::NotLeader)),
        }
    }

    fn follow(&mut self, leader: Option<NodeId>, cx: &mut Context<'_, Self>) {
        match self.leading.follow(leader, self.me) {
            Lead::Taken => self.next_period(cx),
            Lead::Lost => {
                self.collect = None;
                for timer in [Timer::Period, Timer::Again, Timer::Limit] {
                    cx.disarm(timer);
                }
            }
            Lead::AsBefore => {}
        }
    }

    fn next_period(&mut self, cx: &mut Context<'_, Self>) {
        let period = self.rules.period;
        cx.arm(Timer::Period, period..=period);
        self.begin(None, cx);
    }

    /// Begins a collect: the second of two if there is an earlier one.
    fn begin(&mut self, earlier: Option<Vec<(NodeId, Account)>>, cx: &mut Context<'_, Self>) {
        // Of 2^64 collects nobody makes the last.
        self.collects = self.collects.saturating_add(1);
        cx.save(Cell::Collects, self.collects);
        let mut collect = Collect::new(self.collects, earlier);
        collect.add(self.me, self.account());
        self.collect = Some(collect);
        let window = self.rules.window;
        cx.arm(Timer::Limit, window..=window);
        self.ask(cx);
        self.look_whether_all_have_reported(cx);
    }

    /// Asks whoever has not reported.
    fn ask(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        cx.send_all(collect.silent(self.rules.nodes), &Message::Ask { collect: collect.number });
        if collect.silent(self.rules.nodes).next().is_some() {
            cx.arm(Timer::Again, self.rules.ask..=self.rules.ask);
        }
    }

    fn account(&self) -> Account {
        match self.rules.form {
            Form::Confirmed => Account::Tables(self.view.clone()),
            _ => Account::List(targets(&Account::Tables(self.view.clone())).collect()),
        }
    }

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if from == self.me || from.number() > self.rules.nodes {
            return cx.emit(Output::Ignores { from, what: Stray::Stranger });
        }
        match message {
            Message::Ask { collect } => {
                cx.send(from, Message::Report { collect, account: self.account() });
            }
            Message::Report { collect, account } => match self.report(from, collect, account) {
                Ok(()) => self.look_whether_all_have_reported(cx),
                Err(what) => cx.emit(Output::Ignores { from, what }),
            },
            Message::Verdict { collect, verdict } => {
                self.heard.take(from, collect, verdict, self.rules.nodes, cx);
            }
        }
    }

    fn report(&mut self, from: NodeId, number: u64, account: Account) -> Result<(), Stray> {
        let is_ours = |collect: &&mut Collect| collect.number == number;
        let collect = self.collect.as_mut().filter(is_ours).ok_or(Stray::StaleReport)?;
        if !is_known(&account, self.rules.nodes) {
            return Err(Stray::StrangeReport);
        }
        if collect.add(from, account) { Ok(()) } else { Err(Stray::SecondReport) }
    }

    /// The paper's leader waits for the time limit in any case.
    fn look_whether_all_have_reported(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        if collect.silent(self.rules.nodes).next().is_some() {
            return;
        }
        cx.disarm(Timer::Again);
        if matches!(self.rules.form, Form::TwoPhase | Form::Confirmed) {
            self.conclude(cx);
        }
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = self.collect.take() else { return };
        cx.disarm(Timer::Again);
        cx.disarm(Timer::Limit);
        if self.rules.form == Form::TwoPhase && collect.earlier.is_none() {
            return self.begin(Some(collect.into_accounts()), cx);
        }
        let victims = self.leading.victims(self.rules.victims);
        let rules = Rules { victims, ..self.rules };
        let number = collect.number;
        let verdict = collect.verdict(&rules, &mut self.leading.condemned);
        let others = NodeId::all(self.rules.nodes).filter(|node| *node != self.me);
        let message = Message::Verdict { collect: number, verdict: verdict.clone() };
        cx.send_all(others, &message);
        announce(verdict, Output::Finds, cx);
    }

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Period if self.leading.is_leader() => self.next_period(cx),
            Timer::Again => self.ask(cx),
            Timer::Limit => self.conclude(cx),
            Timer::Period => {}
        }
    }
}

/// Are all whom it names among so many nodes?
fn is_known(account: &Account, nodes: u32) -> bool {
    match account {
        Account::List(list) => list.iter().all(|node| node.number() <= nodes),
        Account::Tables(view) => reports::is_known(view, nodes),
    }
}

impl Machine for Central {
    type Message = Message;
    type Command = Notice;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage),
            Input::Command(notice) => self.notice(notice, cx),
            Input::Message { from, message } => self.message(from, message, cx),
            Input::Timer(timer) => self.timer(timer, cx),
        }
    }
}
