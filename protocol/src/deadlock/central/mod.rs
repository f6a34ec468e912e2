//! A leader that asks everybody what they wait for, and puts it together.
//!
//! A collect begins when a node becomes the leader, and once in every period.
//! The leader asks all others, and asks again whoever has not answered, until
//! the time limit; what it finds it tells everybody. How much it is told, how
//! often it asks, and what it makes of it, is what the [`Form`]s differ in.
//!
//! Nobody reports at the same instant, so the lists of who waits for whom that
//! the paper has can show a cycle that never was: the first edge was gone when
//! the last one came about. Two collects, with the edges that are in both, do
//! not help: a grant may be on its way all the while, and a later request look
//! like an earlier one (Ho and Ramamoorthy, "Protocols for deadlock detection
//! in distributed database systems", 1982; Jagannathan and Vasudevan on both of
//! theirs, 1982).
//!
//! It takes one collect if everybody reports both tables, what it waits for and
//! who waits for it, each edge with its request. An edge counts when both ends
//! know it; whatever does not count, and whoever is silent, is taken for free.
//! Suppose one of those that are then found dead grants something after it has
//! reported, and be it the first of them to do so. It was blocked when it
//! reported, so it has got what it needed, and some of it from one of them, who
//! must have granted before: a contradiction. So none of them ever moves again.
//! That needs no order of messages and no bound on their delay, but that nobody
//! who waits grants, gives up, crashes or runs out of patience between its
//! report and the verdict. What a process has granted it saves first, so that a
//! crash does not make it owe that once more.
//!
//! Victims do give up. The leader takes whom it has condemned for free from then
//! on, and chooses nobody else before they have done so: what another one gives
//! might help one of them. A leader that takes over knows nothing of that, and may
//! for one collect take those for deadlocked who are about to go on; so in its
//! first it condemns nobody.

mod collector;

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::collector::{Collect, targets};
use super::leader::{Heard, Lead, Leading};
use super::reports;
use super::victims::announce;
use super::{DetectorInput, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::View;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

pub use super::reports::{Report, confirmed};

/// What is reported, and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Form {
    /// The paper's rule as it is printed: a search that moves only to nodes not
    /// yet visited, and so never meets one on its path. It finds nothing, ever.
    AsPrinted,
    /// The paper's rule as it is meant: a cycle among the edges that were
    /// reported is a deadlock.
    AsMeant,
    /// Two collects; a cycle among the edges that are in both is a deadlock.
    TwoPhase,
    /// One collect of both tables; an edge counts when both its ends know it.
    Confirmed,
}

/// In words: `as printed`, `two-phase`.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsPrinted => "as printed",
            Self::AsMeant => "as meant",
            Self::TwoPhase => "two-phase",
            Self::Confirmed => "confirmed",
        })
    }
}

/// What all nodes go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are, numbered from 1.
    pub nodes: u32,
    /// What is reported, and what is made of it.
    pub form: Form,
    /// From the beginning of one collect to that of the next.
    pub period: Duration,
    /// The time limit of a collect; with two phases, of each.
    pub window: Duration,
    /// How often those are asked again that have not answered.
    pub ask: Duration,
    /// Who gives up; nobody, if absent.
    pub victims: Option<Victims>,
}

/// What a leader and the others say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// What do you wait for?
    Ask {
        /// In which of the sender's collects.
        collect: u64,
    },
    /// This.
    Report {
        /// In which of the receiver's collects.
        collect: u64,
        /// What the sender waits for.
        account: Account,
    },
    /// What the leader has found.
    Verdict {
        /// In which of the sender's collects.
        collect: u64,
        /// What it is.
        verdict: Verdict,
    },
}

/// What a node reports.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Account {
    /// For whom it waits.
    List(Vec<NodeId>),
    /// For whom it waits, and who waits for it, request by request.
    Tables(View),
}

/// As a reader would put it: `[n3, n6]`, or as a [`View`] prints.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(nodes) => write!(f, "{nodes:?}"),
            Self::Tables(view) => view.fmt(f),
        }
    }
}

impl rehearsal_machine::Message for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "ask",
            Self::Report { .. } => "report",
            Self::Verdict { .. } => "verdict",
        }
    }
}

/// A leader's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next collect.
    Period,
    /// Ask those again that have not answered.
    Again,
    /// The collect is over, whoever has not answered.
    Limit,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the last collect.
    Collects,
}

/// One node of those that a leader asks what they wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Central {
    config: Config,
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
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            view: View::default(),
            leading: Leading::default(),
            collects: 0,
            collect: None,
            heard: Heard::default(),
        }
    }

    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.config, self.me);
        self.collects = storage.get(&Cell::Collects).copied().unwrap_or(0);
    }

    fn notice(&mut self, notice: DetectorInput, cx: &mut Context<'_, Self>) {
        match notice {
            DetectorInput::Look(view) => self.view = view,
            DetectorInput::Arrives { .. } => {}
            DetectorInput::Leader(leader) => self.follow(leader, cx),
            DetectorInput::Check if self.leading.is_leader() => self.begin(None, cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotLeader)),
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
        let period = self.config.period;
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
        let window = self.config.window;
        cx.arm(Timer::Limit, window..=window);
        self.ask(cx);
        self.look_whether_all_have_reported(cx);
    }

    /// Asks whoever has not reported.
    fn ask(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        cx.send_all(collect.silent(self.config.nodes), &Message::Ask { collect: collect.number });
        if collect.silent(self.config.nodes).next().is_some() {
            cx.arm(Timer::Again, self.config.ask..=self.config.ask);
        }
    }

    fn account(&self) -> Account {
        match self.config.form {
            Form::Confirmed => Account::Tables(self.view.clone()),
            _ => Account::List(targets(&Account::Tables(self.view.clone())).collect()),
        }
    }

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if from == self.me || from.number() > self.config.nodes {
            return cx.emit(Output::Ignores { from, what: Unexpected::Stranger });
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
                self.heard.take(from, collect, verdict, self.config.nodes, cx);
            }
        }
    }

    fn report(&mut self, from: NodeId, number: u64, account: Account) -> Result<(), Unexpected> {
        let is_ours = |collect: &&mut Collect| collect.number == number;
        let collect = self.collect.as_mut().filter(is_ours).ok_or(Unexpected::StaleReport)?;
        if !is_known(&account, self.config.nodes) {
            return Err(Unexpected::StrangeReport);
        }
        if collect.add(from, account) { Ok(()) } else { Err(Unexpected::SecondReport) }
    }

    /// The paper's leader waits for the time limit in any case.
    fn look_whether_all_have_reported(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        if collect.silent(self.config.nodes).next().is_some() {
            return;
        }
        cx.disarm(Timer::Again);
        if matches!(self.config.form, Form::TwoPhase | Form::Confirmed) {
            self.conclude(cx);
        }
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = self.collect.take() else { return };
        cx.disarm(Timer::Again);
        cx.disarm(Timer::Limit);
        if self.config.form == Form::TwoPhase && collect.earlier.is_none() {
            return self.begin(Some(collect.into_accounts()), cx);
        }
        let victims = self.leading.victims(self.config.victims);
        let config = Config { victims, ..self.config };
        let number = collect.number;
        let verdict = collect.verdict(&config, &mut self.leading.condemned);
        let others = NodeId::all(self.config.nodes).filter(|node| *node != self.me);
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
    type Command = DetectorInput;
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
