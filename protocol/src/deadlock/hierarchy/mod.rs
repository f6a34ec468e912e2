//! Controllers in a tree, each of which finds the deadlocks that lie wholly below it.
//!
//! A central leader hears of much that concerns only a few nodes. Here every node has a
//! controller, which is a node itself, except the root: the [`Tree`] (Menasce and
//! Muntz, "Locking and deadlock detection in distributed data bases", 1979; Ho and
//! Ramamoorthy, "Protocols for deadlock detection in distributed database systems",
//! 1982, have two levels). The root begins a round in every period: it asks the nodes
//! below it, and they ask the nodes below them. A controller combines their accounts
//! with its own view, finds the nodes that are deadlocked for reasons that lie
//! below it, and reports to its own controller what it could not decide. So the lowest
//! node that has all of a cycle below it finds the cycle. A round takes two messages
//! for each edge of the tree. A verdict also goes down to all nodes below the
//! controller that found it.
//!
//! # What is passed on, and why that is enough
//!
//! Let S be a node with all nodes below it. As in the central detector's
//! [`Confirmed`](super::central::Form::Confirmed), an edge inside S counts if both
//! ends report it, and a silent node counts as free. The controller computes twice
//! which nodes of S become free: first as if all nodes outside granted everything that
//! was requested of them, then as if they never granted anything.
//!
//! - A node that is not free in the first case is *dead*. More grants outside only free
//!   more nodes, so it is dead whatever happens outside.
//! - A node that is free in the second case is *free* whatever happens outside.
//! - The others are *undecided*. Each of them waits for a node outside, by itself or
//!   through other undecided nodes. Otherwise the assumption about the nodes outside
//!   would make no difference to it.
//!
//! An account contains the undecided nodes with what they still need: an edge to a free
//! node counts as granted; an edge to a dead node is left out while the need stays; all
//! other edges are kept. It also contains every dead node for which a node outside
//! says that it waits, as one that can never be granted anything. It contains no other
//! nodes. At a node higher up, take the least fixpoint over this account and the
//! accounts from elsewhere. For every node in the account it is the same as the one
//! over the full views: free nodes are free in both and dead nodes in neither, and to
//! replace a decided node by its value changes no step of the rest. A node outside that
//! waits for a free one finds no record of its request, and counts it as granted; for
//! a dead one there is a record.
//!
//! So all controllers together find what a central leader would find with the same
//! views. This is sound for the same reason, whenever each account was given, and with
//! any order and delay of messages.
//!
//! # Victims
//!
//! A controller that chooses a victim counts it as free from then on, already in
//! the account that it passes on in the same round. So do all controllers on the way to
//! the victim, since the verdict passes them before it arrives. Each of them repeats the
//! verdict in every round until the victim does not wait any more, because the
//! verdict may be lost further down. Meanwhile no other victim is chosen, here or
//! further up: what another one gives up might free a node below that is a victim
//! already. A victim that is silent might be down for good. For its sake a controller
//! above it only spares the nodes for which it waits, and marks them in its account as
//! nodes that cannot give up. Still, a victim may give up in vain: if a controller
//! chooses before it hears of a victim that was chosen above, or if a higher one chooses
//! a node elsewhere that keeps a silent victim waiting. Like a central leader, a
//! controller that restarts does not know the victims, and may for one round report
//! nodes as deadlocked that are about to go on.
//!
//! The tree is fixed. While a controller is down, the nodes below it count as free;
//! while the root is down, no rounds are made.

mod account;
mod tree;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;

use serde::{Deserialize, Serialize};

use self::account::{Collect, Subtree, is_from};
use super::detect::{Detect, detector};
use super::leader::PendingVictims;
use super::victims::announce;
use super::{DetectorInput, Output, Refusal, Unexpected, Verdict, Victims};
use crate::resource::View;
use rehearsal_machine::{Context, NodeId, Storage};

pub use tree::{Misfit, Tree};

/// What all nodes go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The controllers of all nodes.
    pub tree: Arc<Tree>,
    /// From the start of the root, or the beginning of one round, to that of the
    /// next.
    pub period: Duration,
    /// The time limit of a round for each level: a controller waits so many
    /// times this long for those below it as there are levels, and then takes
    /// those that are silent for free, and all below them. At least twice as long
    /// as a message takes, or it gives up those below before they are late.
    pub window: Duration,
    /// How often those are asked again that have not answered. If it is shorter
    /// than what is below them takes, they are asked more often than they need.
    pub ask: Duration,
    /// How victims are chosen; if absent, no node gives up.
    pub victims: Option<Victims>,
}

/// What neighbours in the tree say to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Message {
    /// Downwards: what cannot you decide?
    Ask {
        /// In which of the root's rounds.
        round: u64,
    },
    /// Upwards: this.
    Report {
        /// In which of the root's rounds.
        round: u64,
        /// What concerns others, too.
        account: Account,
    },
    /// Downwards: the verdict of a higher controller.
    Verdict {
        /// Who.
        by: NodeId,
        /// What.
        verdict: Verdict,
    },
}

/// What a controller reports about its own nodes and those of all controllers below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Account {
    /// What those know that are undecided, as far as it is; and who is dead and
    /// waited for from elsewhere. In the order of their numbers.
    pub undecided: Vec<(NodeId, View)>,
    /// How many have been found dead.
    pub dead: u32,
    /// Is any of them still to give up?
    pub is_awaiting: bool,
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

/// A controller's deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    /// Begin the next round: the root's.
    Period,
    /// Ask those again that have not answered.
    Again,
    /// The round is over, even if some nodes have not answered.
    Limit,
}

/// A durable cell: it holds a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cell {
    /// Of the root's last round.
    Rounds,
}

/// One node of a tree of controllers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    config: Config,
    me: NodeId,
    view: View,
    /// The number of the last round that we know of.
    rounds: u64,
    collect: Option<Collect>,
    /// What we have accounted for in the last round, to be said again.
    account: Option<Account>,
    /// Requests of our subtree that we, or somebody above us, have found are to
    /// be given up.
    condemned: PendingVictims,
}

impl Hierarchy {
    /// Node `me` of the tree.
    #[must_use]
    pub fn new(config: Config, me: NodeId) -> Self {
        Self {
            config,
            me,
            view: View::default(),
            rounds: 0,
            collect: None,
            account: None,
            condemned: PendingVictims::default(),
        }
    }

    fn is_root(&self) -> bool {
        self.config.tree.root() == self.me
    }

    fn await_period(&self, cx: &mut Context<'_, Self>) {
        let period = self.config.period;
        cx.arm(Timer::Period, period..=period);
    }

    fn next_round(&mut self, cx: &mut Context<'_, Self>) {
        // No node makes 2^64 rounds.
        let round = self.rounds.saturating_add(1);
        cx.save(Cell::Rounds, round);
        self.begin(round, cx);
    }

    /// Our part in a round; an earlier one is over.
    fn begin(&mut self, round: u64, cx: &mut Context<'_, Self>) {
        self.rounds = round;
        self.account = None;
        self.collect = Some(Collect { round, accounts: BTreeMap::new() });
        let levels = self.config.tree.height(self.me);
        if levels > 0 {
            let window = self.config.window.saturating_mul(levels);
            cx.arm(Timer::Limit, window..=window);
        }
        self.ask(cx);
        self.look_whether_all_have_reported(cx);
    }

    /// Asks all nodes that have not reported.
    fn ask(&self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        let below = self.config.tree.below(self.me).iter().copied();
        let silent: Vec<_> = below.filter(|node| !collect.accounts.contains_key(node)).collect();
        if !silent.is_empty() {
            cx.send_all(silent, &Message::Ask { round: collect.round });
            cx.arm(Timer::Again, self.config.ask..=self.config.ask);
        }
    }

    fn look_whether_all_have_reported(&mut self, cx: &mut Context<'_, Self>) {
        let all = self.config.tree.below(self.me).len();
        if self.collect.as_ref().is_some_and(|collect| collect.accounts.len() == all) {
            self.conclude(cx);
        }
    }

    fn is_below(&self, by: NodeId) -> bool {
        by != self.me && self.config.tree.has(by, self.me)
    }

    fn asked(
        &mut self,
        from: NodeId,
        round: u64,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        if round < self.rounds {
            return Err(Unexpected::StaleAsk);
        }
        if let Some(account) = self.account.clone().filter(|_| round == self.rounds) {
            cx.send(from, Message::Report { round, account });
        } else if self.collect.is_none() || round > self.rounds {
            self.begin(round, cx);
        }
        Ok(())
    }

    fn report(
        &mut self,
        from: NodeId,
        round: u64,
        account: Account,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let is_it = |collect: &&mut Collect| collect.round == round;
        let collect = self.collect.as_mut().filter(is_it).ok_or(Unexpected::StaleReport)?;
        if !is_from(&account, from, &self.config.tree) {
            return Err(Unexpected::StrangeReport);
        }
        if collect.accounts.contains_key(&from) {
            return Err(Unexpected::SecondReport);
        }
        collect.accounts.insert(from, account);
        self.look_whether_all_have_reported(cx);
        Ok(())
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = self.collect.take() else { return };
        cx.disarm(Timer::Again);
        cx.disarm(Timer::Limit);
        let tree = self.config.tree.clone();
        let subtree = Subtree { tree: &tree, top: self.me, collect: &collect };
        let view = self.view.clone();
        let all = subtree.reports(&view);
        self.condemned.keep_open(&all);
        let mut reports = self.condemned.others(&all);
        let graph = subtree.graph(&reports);
        let mut verdict = subtree.verdict(&graph, &reports);
        let is_awaiting = collect.accounts.values().any(|account| account.is_awaiting);
        let holders = self.condemned.holders(|node| subtree.is_silent(node));
        if let Some(policy) = self.config.victims {
            if !is_awaiting && !self.condemned.are_awaited(&all) {
                self.condemned.choose(&graph, &reports, policy, &holders);
            }
            verdict.victims = self.condemned.reported(&all);
            reports = self.condemned.others(&reports);
        }

        let below = collect.accounts.values().map(|account| account.dead);
        let here = verdict.diagnosis.deadlocked.len() as u32;
        let dead = below.fold(here, u32::saturating_add);
        if let Some(above) = tree.controller(self.me) {
            let is_awaiting = is_awaiting || self.condemned.are_awaited(&all);
            let undecided = subtree.undecided(&reports, &holders);
            let account = Account { undecided, dead, is_awaiting };
            self.account = Some(account.clone());
            cx.send(above, Message::Report { round: collect.round, account });
        }
        // That there is no deadlock only the root can tell, and only if nobody
        // below has found one.
        let is_clear = self.is_root() && dead == 0;
        if is_clear || verdict.is_deadlock() || !verdict.victims.is_empty() {
            self.tell_those_below(self.me, &verdict, cx);
            announce(verdict, Output::Finds, cx);
        }
    }

    fn hear(&mut self, by: NodeId, verdict: Verdict, cx: &mut Context<'_, Self>) {
        self.tell_those_below(by, &verdict, cx);
        let tree = &self.config.tree;
        let graph = verdict.graph(tree.nodes());
        let victims: Vec<_> = verdict.victims.iter().map(|request| request.by).collect();
        for request in verdict.victims.iter().filter(|request| tree.has(self.me, request.by)) {
            self.condemned.add(*request, &graph, &victims);
        }
        announce(verdict, |verdict| Output::Hears { from: by, verdict }, cx);
    }

    fn tell_those_below(&self, by: NodeId, verdict: &Verdict, cx: &mut Context<'_, Self>) {
        let below = self.config.tree.below(self.me).iter().copied();
        cx.send_all(below, &Message::Verdict { by, verdict: verdict.clone() });
    }
}

impl Detect for Hierarchy {
    fn nodes(&self) -> u32 {
        self.config.tree.nodes()
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        *self = Self::new(self.config.clone(), self.me);
        self.rounds = storage.get(&Cell::Rounds).copied().unwrap_or(0);
        if self.is_root() {
            self.await_period(cx);
        }
    }

    fn command(&mut self, command: DetectorInput, cx: &mut Context<'_, Self>) {
        match command {
            DetectorInput::Look(view) => self.view = view,
            DetectorInput::Arrives { .. } | DetectorInput::Leader(_) => {}
            DetectorInput::Check if self.is_root() => self.next_round(cx),
            DetectorInput::Check => cx.emit(Output::Refuses(Refusal::NotRoot)),
        }
    }

    fn message(
        &mut self,
        from: NodeId,
        message: Message,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Unexpected> {
        let is_above = self.config.tree.controller(self.me) == Some(from);
        let is_below = self.config.tree.controller(from) == Some(self.me);
        match message {
            Message::Ask { round } if is_above => self.asked(from, round, cx),
            Message::Report { round, account } if is_below => self.report(from, round, account, cx),
            Message::Verdict { by, verdict } if is_above && self.is_below(by) => {
                self.hear(by, verdict, cx);
                Ok(())
            }
            _ => Err(Unexpected::NotBeside),
        }
    }

    fn timer(&mut self, timer: Timer, cx: &mut Context<'_, Self>) {
        match timer {
            Timer::Period if self.is_root() => {
                self.await_period(cx);
                self.next_round(cx);
            }
            Timer::Period => {}
            Timer::Again => self.ask(cx),
            Timer::Limit => self.conclude(cx),
        }
    }
}

detector!(Hierarchy);
