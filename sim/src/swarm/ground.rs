use std::collections::{BTreeMap, BTreeSet};

use rehearsal_machine::NodeId;

use super::SwarmBounds;
use crate::case::{Case, RunCase};
use crate::engine::Options;
use crate::fault::{Action, Fault, Kind, Target};
use crate::network::SessionPairs;
use crate::plan::{Decisions, Rest};
use crate::protocol::Lane;
use crate::source::{Ratio, TimeSpan};
use crate::trace::{EventKind, Keep, Trace};

/// What a swarm draws from: the bounds, and the events that faults can wait for.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    pub(super) kinds: Vec<Kind>,
    /// In hundredths.
    pub(super) share: u64,
    pub(super) mishaps: u64,
    /// In nanoseconds, as are the next two.
    pub(super) longest: u64,
    /// Faults strike before this instant.
    pub(super) before: u64,
    /// The calm, if there is one.
    pub(super) calm: Option<u64>,
    pub(super) nodes: Vec<NodeId>,
    pub(super) absent: Vec<NodeId>,
    pub(super) sessions: SessionPairs,
    /// Those that the scenario itself takes down for good stay down.
    pub(super) restarted: Vec<NodeId>,
    /// How many messages of a kind the undisturbed run has sent on a link.
    pub(super) sends: Vec<(Sent, u64)>,
    /// How many effects each node has had, where it had any.
    pub(super) effects: Vec<(NodeId, u64)>,
    /// How many deadlines each node has had, where it had any.
    pub(super) timers: Vec<(NodeId, u64)>,
    /// The timers that each node has armed.
    pub(super) timer_names: Vec<(NodeId, String)>,
    pub(super) roles: Vec<char>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sent {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) kind: String,
}

const MISHAPS: u32 = 6;
/// The longest span is this part of the time before the calm.
const LONGEST_PART: u64 = 3;

impl Ground {
    /// None if the undisturbed run hangs: what can be drawn depends on its events.
    pub(super) fn of(case: &Case, run: &RunCase<'_>) -> Option<Self> {
        let synopsis = case.synopsis();
        let SwarmBounds { kinds, without, share, mishaps, longest } =
            synopsis.swarm.clone().unwrap_or_default();
        let calm = synopsis.calm_at.map(TimeSpan::as_nanos);
        let before = calm.unwrap_or(synopsis.until.as_nanos());
        let mut all = kinds.unwrap_or_else(|| {
            let mut kinds: BTreeSet<_> = Kind::SURVIVABLE.into();
            kinds.extend([Kind::Start, Kind::Upgrade]);
            kinds
        });
        all.retain(|kind| !without.contains(kind));
        if synopsis.absent.is_empty() {
            all.remove(&Kind::Start);
        }
        if synopsis.upgrade.is_none() {
            all.remove(&Kind::Upgrade);
        }
        let sessions = SessionPairs::new(synopsis.network.sessions.as_ref(), synopsis.nodes);
        if sessions.is_empty() {
            all.remove(&Kind::Session);
        }
        if sessions.are_all() {
            all.retain(|kind| !kind.is_kept_off_by_sessions());
        }
        if synopsis.nodes < 2 {
            all.retain(|kind| !kind.is_about_links());
        }
        let hundredths =
            |share: Ratio| u64::from(share.numerator()) * 100 / u64::from(share.denominator());
        let nodes: Vec<_> = NodeId::all(synopsis.nodes).collect();
        let down_for_good = left_down(&synopsis.faults);
        let mut ground = Self {
            kinds: all.into_iter().collect(),
            share: share.map_or(20, hundredths),
            mishaps: mishaps.unwrap_or(MISHAPS).into(),
            longest: longest.map_or(before / LONGEST_PART, |span| span.as_nanos().min(before)),
            before,
            calm,
            restarted: nodes.iter().copied().filter(|node| !down_for_good.contains(node)).collect(),
            nodes,
            absent: synopsis.absent.clone(),
            sessions,
            sends: Vec::new(),
            effects: Vec::new(),
            timers: Vec::new(),
            timer_names: Vec::new(),
            roles: Vec::new(),
        };
        let usual = Decisions::listed([], Rest::Usual);
        let outcome =
            run(case, Options::seed(0).decisions(usual).keep(Keep::Trace).keep_events(u64::MAX));
        ground.look_at(outcome.events.as_ref()?);
        Some(ground)
    }

    /// Is there nothing that could be drawn?
    pub(super) fn has_nothing(&self) -> bool {
        let is_of_network = |kind: &Kind| {
            matches!(kind, Kind::Lose | Kind::Corrupt | Kind::Duplicate | Kind::Delay)
                && !self.sessions.are_all()
        };
        let has_mishap = self.mishaps > 0 && self.kinds.iter().any(|kind| *kind != Kind::Repeated);
        let has_share = self.share > 0 && self.kinds.iter().any(is_of_network);
        !has_mishap && !has_share
    }

    /// Counts what happens before the calm.
    fn look_at(&mut self, events: &Trace) {
        let mut sends: BTreeMap<Sent, u64> = BTreeMap::new();
        let mut effects: BTreeMap<NodeId, u64> = BTreeMap::new();
        let mut timers: BTreeMap<NodeId, u64> = BTreeMap::new();
        let mut timer_names = BTreeSet::new();
        let mut roles = BTreeSet::new();
        for event in events.iter().take_while(|event| event.what != EventKind::Calm) {
            match &event.what {
                EventKind::Send { message, .. } => {
                    *effects.entry(message.from).or_default() += 1;
                    if message.from != message.to {
                        let (from, to) = (message.from, message.to);
                        let sent = Sent { from, to, kind: message.kind.to_string() };
                        *sends.entry(sent).or_default() += 1;
                    }
                }
                EventKind::Arm { timer, .. } => {
                    *effects.entry(timer.node).or_default() += 1;
                    timer_names.insert((timer.node, timer.timer.clone()));
                }
                EventKind::Disarm { node, .. }
                | EventKind::Save { node, .. }
                | EventKind::Emit { node, .. } => *effects.entry(*node).or_default() += 1,
                EventKind::Timer { timer } => *timers.entry(timer.node).or_default() += 1,
                EventKind::Role { lane, .. } if *lane != Lane::DOWN => {
                    roles.insert(lane.role);
                }
                _ => {}
            }
        }
        self.sends = sends.into_iter().collect();
        self.effects = effects.into_iter().collect();
        self.timers = timers.into_iter().collect();
        self.timer_names = timer_names.into_iter().collect();
        self.roles = roles.into_iter().collect();
    }
}

/// The nodes that the scenario itself means to be down in the end: the last of its faults that
/// takes them down or starts them takes them down.
fn left_down(faults: &[Fault]) -> BTreeSet<NodeId> {
    let mut down = BTreeSet::new();
    for fault in faults {
        match fault.action {
            Action::Crash(Target::Node(node)) | Action::Wipe(Target::Node(node)) => {
                down.insert(node);
            }
            Action::Restart(Target::Node(node))
            | Action::Amnesia(Target::Node(node))
            | Action::Upgrade(Target::Node(node))
            | Action::Start(node) => {
                down.remove(&node);
            }
            _ => {}
        }
    }
    down
}
