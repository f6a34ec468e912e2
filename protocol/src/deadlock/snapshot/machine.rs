use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::recording::Recording;
use super::settled::settled;
use super::{Cell, Message, Name, Record, Rules, Timer};
use crate::deadlock::heard::Heard;
use crate::deadlock::judgement::judge;
use crate::deadlock::leading::{Lead, Leading};
use crate::deadlock::reports::is_known;
use crate::deadlock::victims::announce;
use crate::deadlock::{Notice, Output, Refusal, Stray};
use crate::resource::View;
use rehearsal_machine::{Context, Input, Machine, NodeId, Storage};

/// One node of those that record a state of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    rules: Rules,
    me: NodeId,
    view: View,
    leading: Leading,
    /// The number of our last snapshot.
    snapshots: u64,
    /// Who has reported what in it, while it goes on.
    records: Option<BTreeMap<NodeId, Record>>,
    /// Our part in the latest snapshot of each.
    recordings: BTreeMap<NodeId, Recording>,
    heard: Heard,
}

impl Snapshot {
    /// Node `me`, which leads nobody yet.
    #[must_use]
    pub fn new(rules: Rules, me: NodeId) -> Self {
        Self {
            rules,
            me,
            view: View::default(),
            leading: Leading::default(),
            snapshots: 0,
            records: None,
            recordings: BTreeMap::new(),
            heard: Heard::default(),
        }
    }

    fn start(&mut self, storage: &Storage<Self>) {
        *self = Self::new(self.rules, self.me);
        self.snapshots = storage.get(&Cell::Snapshots).copied().unwrap_or(0);
    }

    fn notice(&mut self, notice: Notice, cx: &mut Context<'_, Self>) {
        match notice {
            Notice::Look(view) => self.view = view,
            Notice::Arrives { from, message } => {
                for recording in self.recordings.values_mut() {
                    recording.arrives(from, message);
                }
            }
            Notice::Leader(leader) => self.follow(leader, cx),
            Notice::Check if self.leading.is_leader() => self.begin(cx),
            Notice::Check => cx.emit(Output::Refuses(Refusal::NotLeader)),
        }
    }

    fn follow(&mut self, leader: Option<NodeId>, cx: &mut Context<'_, Self>) {
        match self.leading.follow(leader, self.me) {
            Lead::Taken => self.next_period(cx),
            Lead::Lost => {
                self.records = None;
                cx.disarm(Timer::Period);
            }
            Lead::AsBefore => {}
        }
    }

    fn next_period(&mut self, cx: &mut Context<'_, Self>) {
        let period = self.rules.period;
        cx.arm(Timer::Period, period..=period);
        self.begin(cx);
    }

    /// Begins a snapshot; one that is not complete by now is given up.
    fn begin(&mut self, cx: &mut Context<'_, Self>) {
        // Of 2^64 snapshots nobody makes the last.
        self.snapshots = self.snapshots.saturating_add(1);
        cx.save(Cell::Snapshots, self.snapshots);
        self.records = Some(BTreeMap::new());
        self.record(Name { by: self.me, number: self.snapshots }, cx);
    }

    /// Records what our party knows, and marks what it has sent until now.
    fn record(&mut self, name: Name, cx: &mut Context<'_, Self>) {
        let mut recording = Recording::new(name.number, self.view.clone(), self.others());
        cx.send_all(self.others(), &Message::Marker(name));
        let record = recording.complete();
        self.recordings.insert(name.by, recording);
        if let Some(record) = record {
            self.report(name, record, cx);
        }
    }

    fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let me = self.me;
        NodeId::all(self.rules.nodes).filter(move |node| *node != me)
    }

    fn message(&mut self, from: NodeId, message: Message, cx: &mut Context<'_, Self>) {
        if from == self.me || from.number() > self.rules.nodes {
            return cx.emit(Output::Ignores { from, what: Stray::Stranger });
        }
        let taken = match message {
            Message::Marker(name) => self.marker(from, name, cx),
            Message::Report { snapshot, record } => self.take(from, snapshot, record, cx),
            Message::Verdict { snapshot, verdict } => {
                self.heard.take(from, snapshot, verdict, self.rules.nodes, cx);
                Ok(())
            }
        };
        if let Err(what) = taken {
            cx.emit(Output::Ignores { from, what });
        }
    }

    fn marker(
        &mut self,
        from: NodeId,
        name: Name,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Stray> {
        if name.by.number() > self.rules.nodes {
            return Err(Stray::Stranger);
        }
        let latest = self.recordings.get(&name.by).map(|recording| recording.number);
        if latest.is_none_or(|latest| latest < name.number) {
            // Ours begin with us: what we know nothing of is of an earlier life.
            if name.by == self.me {
                return Err(Stray::StaleMarker);
            }
            self.record(name, cx);
        }
        let of_it = self.recordings.get_mut(&name.by).filter(|ours| ours.number == name.number);
        let record = of_it.ok_or(Stray::StaleMarker)?.close(from)?;
        if let Some(record) = record {
            self.report(name, record, cx);
        }
        Ok(())
    }

    fn report(&mut self, name: Name, record: Record, cx: &mut Context<'_, Self>) {
        if name.by == self.me {
            // If it is of a time when we did not lead, nobody waits for it.
            let _ = self.take(self.me, name.number, record, cx);
        } else {
            cx.send(name.by, Message::Report { snapshot: name.number, record });
        }
    }

    fn take(
        &mut self,
        from: NodeId,
        snapshot: u64,
        record: Record,
        cx: &mut Context<'_, Self>,
    ) -> Result<(), Stray> {
        let is_ours = snapshot == self.snapshots;
        let records = self.records.as_mut().filter(|_| is_ours).ok_or(Stray::StaleReport)?;
        let nodes = self.rules.nodes;
        let mut senders = record.channels.iter().map(|(sender, _)| sender);
        if !is_known(&record.view, nodes) || senders.any(|sender| sender.number() > nodes) {
            return Err(Stray::StrangeReport);
        }
        if records.contains_key(&from) {
            return Err(Stray::SecondReport);
        }
        records.insert(from, record);
        if records.len() == nodes as usize {
            self.conclude(cx);
        }
        Ok(())
    }

    fn conclude(&mut self, cx: &mut Context<'_, Self>) {
        let Some(records) = self.records.take() else { return };
        let views = settled(&records);
        let reports: Vec<_> = views.iter().map(|(node, view)| (*node, view)).collect();
        let nodes = self.rules.nodes;
        let victims = self.leading.victims(self.rules.victims);
        let verdict = judge(nodes, &reports, &mut self.leading.condemned, victims);
        let message = Message::Verdict { snapshot: self.snapshots, verdict: verdict.clone() };
        cx.send_all(self.others(), &message);
        announce(verdict, Output::Finds, cx);
    }
}

impl Machine for Snapshot {
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
            Input::Timer(Timer::Period) if self.leading.is_leader() => self.next_period(cx),
            Input::Timer(Timer::Period) => {}
        }
    }
}
