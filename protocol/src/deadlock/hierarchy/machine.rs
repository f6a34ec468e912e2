use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::account::{Collect, Subtree, is_from};
use super::{Account, Cell, Message, Rules, Timer};
use crate::deadlock::condemned::Condemned;
use crate::deadlock::victims::announce;
use crate::deadlock::{Notice, Output, Refusal, Stray, Verdict};
use crate::resource::View;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// One node of a tree of controllers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    rules: Rules,
    me: NodeId,
    view: View,
    /// The number of the last round that we know of.
    rounds: u64,
    collect: Option<Collect>,
    /// What we have accounted for in the last round, to be said again.
    account: Option<Account>,
    /// Requests of our subtree that we, or somebody above us, have found are to
    /// be given up.
    condemned: Condemned,
}

impl Hierarchy {
    /// Node `me` of the tree.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId) -> Self {
        Self {
            rules,
            me,
            view: View::default(),
            rounds: 0,
            collect: None,
            account: None,
            condemned: Condemned::default(),
        }
    }

    fn start(&mut self, storage: &Storage<Self>, cx: &mut Context<'_, Self>) {
        *self = Self::new(self.rules.clone(), self.me);
        self.rounds = storage.get(&Cell::Rounds).copied().unwrap_or(0);
        if self.is_root() {
            self.await_period(cx);
        }
    }

    fn is_root(&self) -> bool {
        self.rules.tree.root() == self.me
    }

    fn await_period(&self, cx: &mut Context<'_, Self>) {
        let period = self.rules.period;
        cx.arm(Timer::Period, period..=period);
    }

    fn notice(&mut self, notice: Notice, cx: &mut Context<'_, Self>) {
        match notice {
            Notice::Look(view) => self.view = view,
            Notice::Arrives { .. } | Notice::Leader(_) => {}
            Notice::Check if self.is_root() => self.next_round(cx),
            Notice::Check => cx.emit(Output::Refuses(Refusal::NotRoot)),
        }
    }

    fn next_round(&mut self, cx: &mut Context<'_, Self>) {
        // Of 2^64 rounds nobody makes the last.
        let round = self.rounds.saturating_add(1);
        cx.save(Cell::Rounds, round);
        self.begin(round, cx);
    }

    /// Our part in a round; an earlier one is over.
    fn begin(&mut self, round: u64, cx: &mut Context<'_, Self>) {
        self.rounds = round;
        self.account = None;
        self.collect = Some(Collect { round, accounts: BTreeMap::new() });
        let levels = self.rules.tree.height(self.me);
        if levels > 0 {
            let window = self.rules.window.saturating_mul(levels);
            cx.arm(Timer::Limit, window..=window);
        }
        self.ask(cx);
        self.look_whether_all_have_reported(cx);
    }

    /// Asks whoever has not reported.
    fn ask(&self, cx: &mut Context<'_, Self>) {
        let Some(collect) = &self.collect else { return };
        let below = self.rules.tree.below(self.me).iter().copied();
        let silent: Vec<_> = below.filter(|node| !collect.accounts.contains_key(node)).collect();
        if !silent.is_empty() {
            cx.send_all(silent, &Message::Ask { round: collect.round });
            cx.arm(Timer::Again, self.rules.ask..=self.rules.ask);
        }
    }

    fn look_whether_all_have_reported(&mut self, cx: &mut Context<'_, Self>) {
        let all = self.rules.tree.below(self.me).len();
        if self.collect.as_ref().is_some_and(|collect| collect.accounts.len() == all) {
            self.conclude(cx);
        }
    }

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        let is_above = self.rules.tree.controller(self.me) == Some(from);
        let is_below = self.rules.tree.controller(from) == Some(self.me);
        let taken = match message {
            _ if from == self.me || from.number() > self.rules.tree.nodes() => Err(Stray::Stranger),
            Message::Ask { round } if is_above => self.asked(from, round, cx),
            Message::Report { round, account } if is_below => self.report(from, round, account, cx),
            Message::Verdict { by, verdict } if is_above && self.is_below(by) => {
                self.hear(by, verdict, cx);
                Ok(())
            }
            _ => Err(Stray::NotBeside),
        };
        if let Err(what) = taken {
            cx.emit(Output::Ignores { from, what });
        }
    }

    fn is_below(&self, by: NodeId) -> bool {
        by != self.me && self.rules.tree.has(by, self.me)
    }

    fn asked(&mut self, from: NodeId, round: u64, cx: &mut Context<'_, Self>) -> Result<(), Stray> {
        if round < self.rounds {
            return Err(Stray::StaleAsk);
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
    ) -> Result<(), Stray> {
        let is_it = |collect: &&mut Collect| collect.round == round;
        let collect = self.collect.as_mut().filter(is_it).ok_or(Stray::StaleReport)?;
        if !is_from(&account, from, &self.rules.tree) {
            return Err(Stray::StrangeReport);
        }
        if collect.accounts.contains_key(&from) {
            return Err(Stray::SecondReport);
        }
        collect.accounts.insert(from, account);
        self.look_whether_all_have_reported(cx);
        Ok(())
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(collect) = self.collect.take() else { return };
        cx.disarm(Timer::Again);
        cx.disarm(Timer::Limit);
        let tree = self.rules.tree.clone();
        let subtree = Subtree { tree: &tree, top: self.me, collect: &collect };
        let view = self.view.clone();
        let all = subtree.reports(&view);
        self.condemned.keep_open(&all);
        let mut reports = self.condemned.others(&all);
        let graph = subtree.graph(&reports);
        let mut verdict = subtree.verdict(&graph, &reports);
        let is_awaiting = collect.accounts.values().any(|account| account.is_awaiting);
        if let Some(policy) = self.rules.victims {
            if !is_awaiting && !self.condemned.are_awaited(&all) {
                self.condemned.choose(&graph, &reports, policy);
            }
            verdict.victims = self.condemned.reported(&all);
            reports = self.condemned.others(&reports);
        }

        let below = collect.accounts.values().map(|account| account.dead);
        let here = verdict.diagnosis.deadlocked.len() as u32;
        let dead = below.fold(here, u32::saturating_add);
        if let Some(above) = tree.controller(self.me) {
            let is_awaiting = is_awaiting || self.condemned.are_awaited(&all);
            let undecided = subtree.undecided(&reports);
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
        let tree = &self.rules.tree;
        for request in verdict.victims.iter().filter(|request| tree.has(self.me, request.by)) {
            self.condemned.add(*request);
        }
        announce(verdict, |verdict| Output::Hears { from: by, verdict }, cx);
    }

    fn tell_those_below(&self, by: NodeId, verdict: &Verdict, cx: &mut Context<'_, Self>) {
        let below = self.rules.tree.below(self.me).iter().copied();
        cx.send_all(below, &Message::Verdict { by, verdict: verdict.clone() });
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

impl Machine for Hierarchy {
    type Message = Message;
    type Command = Notice;
    type Output = Output;
    type Timer = Timer;
    type Cell = Cell;
    type Saved = u64;

    fn handle(&mut self, input: Input<Self>, cx: &mut Context<'_, Self>) {
        match input {
            Input::Start(storage) => self.start(&storage, cx),
            Input::Command(notice) => self.notice(notice, cx),
            Input::Message { from, message } => self.message(from, message, cx),
            Input::Timer(timer) => self.timer(timer, cx),
        }
    }
}
