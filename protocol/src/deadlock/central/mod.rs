//! A leader that asks all nodes for what they wait, and combines the answers.
//!
//! A collect begins when a node becomes the leader, and then in every period. The
//! leader asks all others, asks silent nodes again until the time limit, and tells
//! all nodes what it finds. The [`Form`]s differ in what nodes report, in how often the
//! leader asks, and in the rule that it applies.
//!
//! Nodes do not report at the same instant. So the paper's lists, which say only which
//! node waits for which, can show a cycle that never existed: its first edge was gone
//! when its last one arose. Two collects, and only the edges in both, do not help: a
//! grant may be in flight all the time, and a later request look like an earlier one
//! (Ho and Ramamoorthy, "Protocols for deadlock detection in distributed database
//! systems", 1982; Jagannathan and Vasudevan on both of their protocols, 1982).
//!
//! One collect is enough if every node reports both of its tables, for which nodes it
//! waits and which nodes wait for it, each edge with its request. An edge counts if
//! both ends report it. A node counts as free if it is silent. Suppose that a node
//! that is then found deadlocked grants something after it has reported, and take the
//! first one. It was blocked when it reported, so it was granted what it needed since,
//! and some of that by another of the deadlocked nodes, which must have granted before:
//! a contradiction. So none of them ever moves again. The argument needs no order of
//! messages and no bound on delays. It needs that no waiting node grants, gives up,
//! crashes or runs out of patience between its report and the verdict. A process
//! saves a grant before it sends it, so that it does not owe it again after a crash.
//!
//! Victims do give up. The leader counts them as free from then on, and chooses no
//! other victims before they have given up, because what another one gives might free
//! one of them. While a victim is silent, the leader chooses only nodes that cannot free
//! it. A new leader does not know the earlier victims, and could for one
//! collect report nodes as deadlocked that are about to go on. So it chooses no
//! victims in its first collect.

mod collector;

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::collector::{Collect, targets};
use super::detect::{Detect, detector};
use super::leader::{Heard, Lead, Leading};
use super::reports;
use super::victims::announce;
use super::{DetectorInput, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::View;
use rehearsal_machine::{Context, NodeId, Storage, mutant};

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
    /// How victims are chosen; if absent, no node gives up.
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
    /// The nodes for which it waits.
    List(Vec<NodeId>),
    /// The nodes for which it waits and the nodes that wait for it, with requests.
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
    /// The collect is over, even if some nodes have not answered.
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
    /// The detector of node `me`, which does not lead yet.
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
        // No node makes 2^64 collects.
        self.collects = self.collects.saturating_add(1);
        if !mutant!(CollectUnsaved) {
            cx.save(Cell::Collects, self.collects);
        }
        let mut collect = Collect::new(self.collects, earlier);
        collect.add(self.me, self.account());
        self.collect = Some(collect);
        let window = self.config.window;
        cx.arm(Timer::Limit, window..=window);
        self.ask(cx);
        self.look_whether_all_have_reported(cx);
    }

    /// Asks all nodes that have not reported.
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
}

impl Detect for Central {
    fn nodes(&self) -> u32 {
        self.config.nodes
    }

    fn start(&mut self, storage: &Storage<Self>, _: &mut Context<'_, Self>) {
        *self = Self::new(self.config, self.me);
        self.collects = storage.get(&Cell::Collects).copied().unwrap_or(0);
    }

    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>) {
        match command {
            DetectorInput::Look(view) => self.view = view,
            DetectorInput::Arrives { .. } => {}
            DetectorInput::Leader(leader) => self.follow(leader, cx),
            DetectorInput::Check if self.leading.is_leader() => self.begin(None, cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotLeader)),
        }
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        match message {
            Message::Ask { collect } => {
                cx.send(from, Message::Report { collect, account: self.account() });
            }
            Message::Report { collect, account } => {
                self.report(from, collect, account)?;
                self.look_whether_all_have_reported(cx);
            }
            Message::Verdict { collect, verdict } => {
                self.heard.take(from, collect, verdict, self.config.nodes, cx)?;
            }
        }
        Ok(())
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

/// Whether all nodes that it names exist.
fn is_known(account: &Account, nodes: u32) -> bool {
    match account {
        Account::List(list) => list.iter().all(|node| node.number() <= nodes),
        Account::Tables(view) => reports::is_known(view, nodes),
    }
}

detector!(Central);
